import CFuzzer
import FuzzSeeds
import FuzzTargets
import Glibc

/// Lets libFuzzer attack the target that `FUZZ_TARGET` names. The environment says it, and not an argument, because
/// libFuzzer starts itself anew with the arguments that it was given. With `FUZZ_SEEDS`, the name of a directory, only the
/// seeds are written.
@main
enum Fuzz {
    private static let target = getenv("FUZZ_TARGET").flatMap { FuzzTarget.named(String(cString: $0)) }

    static func main() {
        if let directory = getenv("FUZZ_SEEDS") { return writeSeeds(String(cString: directory)) }
        guard target != nil else {
            say("FUZZ_TARGET must be one of " + FuzzTarget.all.map(\.name).joined(separator: ", "))
            exit(EX_USAGE)
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                Fuzz.attack(UnsafeRawBufferPointer(start: data, count: size))
                return 0
            })
    }

    private static func attack(_ input: UnsafeRawBufferPointer) {
        do throws(Finding) {
            try target?.check(input)
        } catch {
            say("FINDING: \(error.reason)")
            abort()
        }
    }

    /// Writes the streams that are only known to the tests' own code.
    private static func writeSeeds(_ directory: String) {
        for (name, streams) in [("openai", StreamSeeds.openai), ("anthropic", StreamSeeds.anthropic)] {
            for (index, stream) in streams.enumerated() {
                guard let file = fopen("\(directory)/\(name)/stream-\(index)", "w") else { exit(EX_CANTCREAT) }
                fputs(stream, file)
                fclose(file)
            }
        }
    }

    private static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
