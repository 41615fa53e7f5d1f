internal import CSQLite

/// Methods of ours in front of those of a file that a connection has open.
///
/// A VFS of our own would stand in front of every file, and say nothing of the connection. SQLite also says where one
/// file's methods stand, and they can be exchanged: a layer stands there from its installation until the file is closed.
struct FileLayer {
    /// First, because SQLite takes a pointer to the layer for one to its methods.
    private var methods: sqlite3_io_methods
    /// What was there before.
    private let below: UnsafePointer<sqlite3_io_methods>
    /// What the methods work with.
    let context: AnyObject?

    /// Stands in front of the file that a file control finds, with what `change` makes of its methods.
    static func install(
        on handle: OpaquePointer, _ fileControl: Int32, context: AnyObject? = nil,
        _ change: (inout sqlite3_io_methods) -> Void
    ) throws(StoreError) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(handle, "main", fileControl, &file)
        guard code == SQLITE_OK, let file, let below = file.pointee.pMethods else {
            throw StoreError("find a file", code: code, on: handle)
        }
        let layer = UnsafeMutablePointer<FileLayer>.allocate(capacity: 1)
        layer.initialize(to: FileLayer(methods: below.pointee, below: below, context: context))
        change(&layer.pointee.methods)
        layer.pointee.methods.xClose = { file in
            let layer = FileLayer.of(file!)
            let below = layer.pointee.below
            layer.deinitialize(count: 1)
            layer.deallocate()
            file!.pointee.pMethods = below
            return below.pointee.xClose(file)
        }
        file.pointee.pMethods = UnsafeRawPointer(layer).assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    /// The layer that stands in front of a file.
    static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<FileLayer> {
        UnsafeMutableRawPointer(mutating: file.pointee.pMethods).assumingMemoryBound(to: FileLayer.self)
    }

    /// The file's methods below the layer.
    static func below(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafePointer<sqlite3_io_methods> {
        of(file).pointee.below
    }
}
