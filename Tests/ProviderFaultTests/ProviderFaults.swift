import Testing

/// What a bad provider can do to us, and what it cannot. One suite after another: they share the loop, and some of them
/// hold it.
@Suite(.serialized) enum ProviderFaults {}
