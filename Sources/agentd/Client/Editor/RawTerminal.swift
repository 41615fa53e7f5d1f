import ArgumentParser
import Glibc

/// A terminal that hands on every key as it is pressed, until it is given back.
struct RawTerminal {
    private let descriptor: Int32
    private let before: termios
    private let during: termios

    /// Takes the terminal of a descriptor.
    ///
    /// - Throws: `ClientFailure` when it is none.
    init(_ descriptor: Int32) throws(ClientFailure) {
        self.descriptor = descriptor
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else {
            throw ClientFailure("tcgetattr: \(String(cString: strerror(errno)))", ExitStatus.inputOutput)
        }
        before = settings
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        settings.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT)
        withUnsafeMutableBytes(of: &settings.c_cc) {
            $0[Int(VMIN)] = 1
            $0[Int(VTIME)] = 0
        }
        during = settings
        enter()
    }

    /// Takes it again after `leave`.
    func enter() {
        set(during)
        // Pasted text comes between two marks.
        Terminal.output.write("\u{1B}[?2004h")
    }

    /// Gives it back as it was.
    func leave() {
        Terminal.output.write("\u{1B}[?2004l")
        set(before)
    }

    private func set(_ settings: termios) {
        var settings = settings
        while tcsetattr(descriptor, TCSADRAIN, &settings) != 0, errno == EINTR {}
    }
}
