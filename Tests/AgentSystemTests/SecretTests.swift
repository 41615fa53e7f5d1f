import AgentSystem
import Testing

@Suite struct SecretTests {
    private struct Holder {
        let name: String
        let secret: Secret
        let more: [String: Secret?]
    }

    private enum Choice {
        case holding(Secret)
    }

    private let key = "sk-test-0123456789abcdef"

    @Test func noWayOfPrintingShowsIt() throws {
        let secret = try Secret(key)
        let holder = Holder(name: "x", secret: secret, more: ["a": secret, "b": nil])
        let things: [Any] = [
            secret, Optional(secret) as Any, [secret], ["k": secret], (secret, 1), holder, Choice.holding(secret),
            Result<Secret, any Error>.success(secret), AnySequence([secret]), Mirror(reflecting: secret),
            Mirror(reflecting: holder), [secret][...], zip([1], [secret]), { secret },
        ]
        for thing in things {
            var printed = ["\(thing)", String(describing: thing), String(reflecting: thing)]
            for depth in 0...6 {
                var text = ""
                dump(thing, to: &text, name: "thing", maxDepth: depth)
                printed.append(text)
            }
            var text = ""
            print(thing, thing, to: &text)
            debugPrint(thing, to: &text)
            printed.append(text)
            for text in printed {
                #expect(!text.contains("sk-test") && !text.contains("abcdef"))
            }
        }
        #expect("\(secret)" == "********" && String(reflecting: secret) == "********")
    }

    @Test func noMirrorLooksInside() throws {
        let secret = try Secret(key)
        let mirror = Mirror(reflecting: secret)
        #expect(mirror.children.isEmpty && mirror.superclassMirror == nil && mirror.descendant("text") == nil)
        let holder = Holder(name: "x", secret: secret, more: [:])
        #expect(Mirror(reflecting: holder).descendant("secret", "text") == nil)
    }

    @Test func theAsterisksDoNotTellItsLength() throws {
        #expect(try "\(Secret("a"))" == "\(Secret(String(repeating: "a", count: 1000)))")
    }

    @Test func cannotBeEncodedComparedOrWrittenOut() throws {
        let secret: Any = try Secret(key)
        #expect(!(secret is any Encodable) && !(secret is any Decodable))
        #expect(!(secret is any Equatable) && !(secret is any LosslessStringConvertible))
        #expect(!(secret is any TextOutputStreamable) && !(secret is any RawRepresentable))
    }

    @Test func revealIsTheOneWayOut() throws {
        let secret = try Secret(key)
        #expect(secret.reveal { "Bearer " + $0 } == "Bearer " + key)
        #expect(throws: CancellationError.self) { try secret.reveal { _ in throw CancellationError() } }
    }

    @Test(arguments: ["key", "key\n", "key\r\n"])
    func dropsOneLineEnd(text: String) throws {
        #expect(try Secret(text).reveal { $0 == "key" })
    }

    @Test(
        arguments: [
            ("", .empty), ("\n", .empty), ("\r\n", .empty), ("\n\n", .controlCharacter), ("key\n\n", .controlCharacter),
            ("key\r", .controlCharacter), ("\nkey", .controlCharacter), ("a\r\nX-Evil: 1", .controlCharacter),
            ("a\nb", .controlCharacter), ("a\tb", .controlCharacter), ("a\0b", .controlCharacter),
            ("a\u{7F}", .controlCharacter), ("a\u{1B}[2J", .controlCharacter), ("schlüssel", .notASCII),
            ("a\u{85}b", .notASCII), ("a\u{2028}b", .notASCII), ("\u{FEFF}key", .notASCII),
        ] as [(String, Secret.Refusal)])
    func refusesWhatCannotStandInAHeader(text: String, refusal: Secret.Refusal) {
        let error = #expect(throws: Secret.Refusal.self) { try Secret(text) }
        #expect(error == refusal)
    }

    @Test func aRefusalDoesNotRepeatTheText() {
        for text in ["sk-test-1\nx", "sk-test-é"] {
            let error = #expect(throws: Secret.Refusal.self) { try Secret(text) }
            #expect(error.map { !"\($0)".contains("sk-test") && !String(reflecting: $0).contains("sk-test") } == true)
        }
    }
}
