import AgentProtocol
import Logging
import Testing

@testable import agentd

@Suite struct LogLineTests {
    private func line(_ format: LogLine.Format, _ fields: (String, String)..., priority: Int? = nil) -> String {
        var line = LogLine(format: format, priority: priority)
        for (key, value) in fields { line.add(key, value) }
        line.end()
        return line.text
    }

    @Test func writesPairsForPeople() {
        #expect(line(.logfmt, ("level", "info"), ("msg", "two words")) == "level=info msg=\"two words\"\n")
        #expect(line(.logfmt, ("a", ""), ("b", "1=1"), ("c", "\"")) == #"a="" b="1=1" c="\"""# + "\n")
        #expect(line(.logfmt, ("path", "C:\\x")) == #"path="C:\\x""# + "\n")
        #expect(line(.logfmt, ("text", "Grüße👋")) == "text=Grüße👋\n")
    }

    @Test func writesObjectsForPrograms() {
        #expect(line(.json, ("level", "info"), ("m\"sg", "x y")) == #"{"level":"info","m\"sg":"x y"}"# + "\n")
        #expect(line(.json) == "{}\n")
    }

    @Test func beginsWithThePriorityUnderTheJournal() {
        #expect(line(.logfmt, ("a", "b"), priority: 4) == "<4>a=b\n")
        #expect(line(.json, ("a", "b"), priority: 2) == "<2>{\"a\":\"b\"}\n")
    }

    @Test(
        arguments: LogLine.Format.allCases,
        Array(0x00...0x20) + Array(0x7F...0x9F) + [0x2028, 0x2029, 0x3D, 0x22, 0x5C])
    func noCharacterBreaksOutOfItsValue(format: LogLine.Format, code: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let value = "a\(Character(scalar))level=critical"
        let text = line(format, ("msg", value), ("next", "field"))
        #expect(text.unicodeScalars.filter { $0 == "\n" }.count == 1)
        #expect(text.unicodeScalars.dropLast().allSatisfy { !Self.isControl($0) })
        // The value reads back as it was; NUL is one that our reader refuses.
        guard code != 0 else { return }
        let json: String
        switch format {
        case .json: json = String(text.dropLast())
        case .logfmt:
            #expect(text.hasPrefix("msg=\"") && text.hasSuffix("\" next=field\n"))
            json = #"{"msg":"# + text.dropFirst(4).dropLast(" next=field\n".count) + "}"
        }
        #expect(
            try JSONReader.read(json).object?["msg"]?.string?.unicodeScalars.elementsEqual(value.unicodeScalars) == true
        )
    }

    @Test func noKeyBreaksOutOfItsPlace() {
        #expect(line(.logfmt, ("a b=c\"\n\u{1B}\u{9B}", "x")) == "a_b_c____=x\n")
        #expect(line(.json, ("a\n\u{1B}", "x")) == #"{"a\n\u001b":"x"}"# + "\n")
    }

    @Test func countsSeverityAsTheJournalDoes() {
        #expect(Logger.Level.allCases.map(LogLine.priority) == [7, 7, 6, 5, 4, 3, 2])
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (0...0x1F).contains(scalar.value) || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
            || scalar.value == 0x2029
    }
}
