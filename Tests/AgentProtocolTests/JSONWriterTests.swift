import AgentProtocol
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasComeByThemselves() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.beginArray()
            writer.integer(1)
            writer.string("x,")
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.boolean(true)
            writer.raw(Array("[1]".utf8))
            writer.endArray()
            writer.member("b", "{")
            writer.key("c:" as String)
            writer.double(0.1)
            writer.member("d", false)
            writer.endObject()
        }
        #expect(text == #"{"a":[1,"x,",{},null,true,[1]],"b":"{","c:":0.1,"d":false}"#)
    }

    @Test func aFrameAfterALineEndBeginsWithoutAComma() {
        let text = written { writer in
            writer.boolean(true)
            writer.bytes.append(UInt8(ascii: "\n"))
            writer.beginObject()
            writer.endObject()
        }
        #expect(text == "true\n{}")
    }

    @Test func whatIsNotThereIsNull() {
        let text = written { writer in
            writer.beginObject()
            writer.member("a", String?.none)
            writer.member("b", Int64?.none)
            writer.member("c", Double?.none)
            writer.member("d", Bool?.none)
            writer.member("e", JSONValue?.none)
            writer.member("f", Timestamp?.none)
            writer.member("g", RunID?.none)
            writer.endObject()
        }
        #expect(text == #"{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null}"#)
    }

    @Test func membersAreWrittenByTheirType() {
        let text = written { writer in
            writer.beginObject()
            writer.member("a", 5)
            writer.member("b", 1.5)
            writer.member("c", Timestamp(milliseconds: 7))
            writer.member("d", RunID(trusted: "r1"))
            writer.member("e", .array([.number(JSONNumber(1)), .object(["k": .string("v")])]))
            writer.endObject()
        }
        #expect(text == #"{"a":5,"b":1.5,"c":7,"d":"r1","e":[1,{"k":"v"}]}"#)
    }

    @Test(arguments: [0, 1, -1, 9, 10, 99, 100, 1_234_567_890, Int64.max, Int64.min]) func integersAreWrittenExactly(
        _ value: Int64
    ) {
        #expect(written { $0.integer(value) } == String(value))
    }

    @Test(arguments: [0.0, -0.0, 1.0, 0.1, 1e-7, 1e22, 2.2250738585072014e-308, 1.7976931348623157e308])
    func doublesReadBackAsTheSame(
        _ value: Double
    ) throws {
        let text = written { $0.double(value) }
        _ = try JSONReader.read(text)
        #expect(Double(text) == value)
    }

    @Test func whatIsNoNumberIsNull() {
        #expect(written { $0.double(.nan) } == "null")
        #expect(written { $0.double(.infinity) } == "null")
    }

    @Test func escapedContentIsTakenAsItIs() {
        let text = #"a\n"#
        #expect(written { writer in Array(text.utf8).withUnsafeBytes { writer.escaped($0) } } == #""a\n""#)
    }
}
