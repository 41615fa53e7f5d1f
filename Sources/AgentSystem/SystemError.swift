import Glibc

/// A call to the operating system that failed, or a state of the system that we refuse to work with.
///
/// Says what an operator needs to repair it: the operation, the path, the reason, and a hint where there is one.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    /// What was being done, as a verb or the name of the call: `open`, `bind`.
    public let operation: String
    /// The file or directory it was done to.
    public let path: String?
    /// The reason, as the kernel numbers it.
    public let errno: Int32
    /// What is wrong in particular, or how to repair it.
    public let hint: String?

    /// An error with everything said.
    public init(operation: String, path: String? = nil, errno: Int32, hint: String? = nil) {
        self.operation = operation
        self.path = path
        self.errno = errno
        self.hint = hint
    }

    /// The error of the call that failed just now on this thread; nothing may come between the two.
    static func last(_ operation: String, _ path: String? = nil, hint: String? = nil) -> SystemError {
        SystemError(operation: operation, path: path, errno: Glibc.errno, hint: hint)
    }

    /// One line such as `open /x/y: Permission denied (hint)`.
    public var description: String {
        var text = operation
        if let path { text += " \(path)" }
        text += ": \(String(cString: strerror(errno)))"
        if let hint { text += " (\(hint))" }
        return text
    }
}
