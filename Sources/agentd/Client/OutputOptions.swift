import ArgumentParser

/// How a command that tells something is to tell it.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, one object per line.")
    var json = false
}
