import AgentTestKit
import Glibc

/// A provider behind TLS with a certificate of its own making, as a process of its own.
final class CertifiedServer {
    private static let program = """
        import socket, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        answer = open(sys.argv[3], "rb").read()
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1], flush=True)
        while True:
            plain, _ = listener.accept()
            print("connection", flush=True)
            try:
                with context.wrap_socket(plain, server_side=True) as secure:
                    if secure.recv(65536):
                        print("request", flush=True)
                        secure.sendall(answer)
            except OSError as error:
                print("refused", flush=True)
        """

    /// The certificate, which is its own authority.
    var certificate: String { directory.file("cert.pem") }
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// Makes a certificate for a subject such as `IP:127.0.0.1`, and starts to serve one answer again and again.
    init(subject: String, answer: ModelStream) throws {
        directory = try TemporaryDirectory()
        let openssl = try ChildProcess(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", directory.file("key.pem"), "-out", directory.file("cert.pem"), "-days", "2", "-subj",
                "/CN=agentd test", "-addext", "subjectAltName=\(subject)",
            ], output: directory.file("openssl.log"))
        guard try openssl.wait() == .exited(0) else {
            throw TestFailure("openssl: " + TemporaryDirectory.read(directory.file("openssl.log")))
        }
        try directory.write(
            "answer",
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
                + String(decoding: answer.bytes, as: UTF8.self))
        process = try ChildProcess(
            ["python3", "-c", Self.program] + ["cert.pem", "key.pem", "answer"].map(directory.file),
            output: directory.file("log"), errors: directory.file("errors"))
    }

    private func lines(_ word: String) -> [Substring] {
        TemporaryDirectory.read(directory.file("log")).split(separator: "\n").filter { $0.hasPrefix(word) }
    }

    /// The port; waits, on a thread of its own, until it listens.
    func port() throws -> Int {
        let deadline = Deadline(in: patience)
        while !deadline.hasPassed {
            if let port = lines("port ").first.flatMap({ Int($0.dropFirst(5)) }) { return port }
            _ = poll(nil, 0, 5)
        }
        throw TestFailure("python3: " + TemporaryDirectory.read(directory.file("errors")))
    }

    var connections: Int { lines("connection").count }
    var requests: Int { lines("request").count }
}
