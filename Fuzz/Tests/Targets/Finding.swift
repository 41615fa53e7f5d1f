/// A promise that an input breaks.
package struct Finding: Error {
    /// What should have been true.
    package let reason: String

    /// Throws unless a promise is kept.
    static func unless(_ isKept: Bool, _ promise: @autoclosure () -> String) throws(Finding) {
        if !isKept { throw Finding(reason: promise()) }
    }
}
