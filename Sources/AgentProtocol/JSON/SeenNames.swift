/// Notices a repeated name inside one object: by comparing while there are few, by hashing once there are many, so
/// that an object of 200,000 names costs no more than linear time.
struct SeenNames {
    private static let few = 8
    private var hashed: Set<Name> = []

    /// Takes the next name; false when it is already among the members read so far.
    mutating func insert(_ name: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < Self.few {
            return !members.contains { $0.name.hasSameBytes(as: name) }
        }
        if members.count == Self.few {
            for member in members { hashed.insert(Name(text: member.name)) }
        }
        return hashed.insert(Name(text: name)).inserted
    }

    /// A name that is compared and hashed by its bytes.
    private struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { left.text.hasSameBytes(as: right.text) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}
