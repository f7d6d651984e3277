import Archiving
import BuildProject
import Glibc
import SystemPackage

/// An artifact of packaging NONE on its way into the store: an object a file, with the content type of its name
/// (behaviour reference, section 6.4).
///
/// Objects that earlier builds left in the folder stay.
struct FolderUpload {
    /// How many files are stored together.
    static let mostFiles = 64
    /// How many bytes are copied before they are stored; a single file may have more.
    static let mostBytes: Int64 = 64 << 20

    var job: UploadJob
    var selection: Selection

    /// Stores every file.
    ///
    /// Files are copied out of the build's directories, so that what is hashed is what is stored; the copies of one batch
    /// are there at a time.
    /// - Throws: ``UploadFailure``; the files of the batches before the failure are stored then, and some of its own.
    func run() async throws(UploadFailure) {
        let files = selection.files.filter(\.isFile)
        var next = files.startIndex
        while next < files.endIndex {
            let batch = FolderBatch(directory: job.scene.plan.directories.staging)
            defer { batch.remove() }
            next = try await store(files[next...], through: batch)
        }
        for file in selection.files where !file.isFile {
            await job.scene.log.agent(
                "artifact leaves out \(file.displayPath): a folder in a store has no links")
        }
    }

    /// Stores as many of the files as one batch holds.
    /// - Returns: The index of the first that is left.
    private func store(
        _ files: ArraySlice<SelectedFile>, through batch: FolderBatch
    ) async throws(UploadFailure) -> Int {
        var objects: [ArtifactObject] = []
        var bytes: Int64 = 0
        var next = files.startIndex
        while next < files.endIndex, objects.count < Self.mostFiles, bytes < Self.mostBytes {
            let key = try key(of: files[next])
            let source = try open(files[next])
            defer { try? source.close() }
            // A file that would not fit any more begins the next batch.
            if !objects.isEmpty, bytes + Self.size(of: source) > Self.mostBytes { break }
            let (copy, sealed) = batch.paths(next)
            bytes += try Self.copy(source, to: copy)
            let contentType = ContentType.of(key)
            objects.append(try await job.object(of: copy, sealed, key: key, contentType: contentType).0)
            next += 1
        }
        do throws(RunnerFailure) {
            _ = try await job.scene.services.store.store(objects)
        } catch {
            throw UploadFailure(error)
        }
        return next
    }

    private func key(of file: SelectedFile) throws(UploadFailure) -> String {
        guard let name = file.name.text, !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw UploadFailure(
                .clientError("the file name cannot be used as an object key: \(file.name)"), nil)
        }
        let key = job.key.isEmpty ? name : "\(job.key)/\(name)"
        guard key.utf8.count <= 1020 else {
            throw UploadFailure(.clientError("the object key is too long: \(file.name)"), nil)
        }
        return key
    }

    private func open(_ file: SelectedFile) throws(UploadFailure) -> FileDescriptor {
        do throws(ArchivingError) {
            return try selection.open(file)
        } catch {
            throw UploadFailure(.clientError(error.description), nil)
        }
    }

    private static func size(of file: FileDescriptor) -> Int64 {
        var status = stat()
        return fstat(file.rawValue, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Copies what is there until the end.
    /// - Returns: How many bytes.
    private static func copy(_ source: FileDescriptor, to copy: FilePath) throws(UploadFailure) -> Int64 {
        do {
            let target = try FileDescriptor.open(
                copy, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? target.close() }
            var bytes: Int64 = 0
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
                if count == 0 { return bytes }
                bytes += Int64(try target.writeAll(buffer.prefix(count)))
            }
        } catch {
            let errno = error as? Errno ?? .ioError
            throw UploadFailure(RunnerFailure("write the artifact", errno, at: copy))
        }
    }
}

/// The copies of files that are stored together.
private final class FolderBatch {
    private let directory: FilePath
    private var copies: [FilePath] = []

    init(directory: FilePath) {
        self.directory = directory
    }

    /// Where a file is copied to, and where its encrypted form goes.
    func paths(_ index: Int) -> (copy: FilePath, sealed: FilePath) {
        let paths = (directory.appending("file-\(index)"), directory.appending("file-\(index).enc"))
        copies += [paths.0, paths.1]
        return paths
    }

    /// Removes whatever there is of them.
    func remove() {
        for copy in copies { unlink(copy.string) }
    }
}

extension SelectedFile {
    fileprivate var isFile: Bool {
        if case .file = content { true } else { false }
    }
}

/// What browsers are told about a file, by its name.
enum ContentType {
    private static let types: [String: String] = [
        "avif": "image/avif", "bmp": "image/bmp", "bz2": "application/x-bzip2", "css": "text/css",
        "csv": "text/csv", "eot": "application/vnd.ms-fontobject", "gif": "image/gif",
        "gz": "application/gzip", "htm": "text/html", "html": "text/html", "ico": "image/x-icon",
        "jar": "application/java-archive", "jpeg": "image/jpeg", "jpg": "image/jpeg",
        "js": "text/javascript", "json": "application/json", "map": "application/json",
        "md": "text/markdown", "mjs": "text/javascript", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "otf": "font/otf", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
        "tar": "application/x-tar", "tgz": "application/gzip", "tif": "image/tiff", "tiff": "image/tiff",
        "ttf": "font/ttf", "txt": "text/plain", "wasm": "application/wasm", "wav": "audio/wav",
        "webm": "video/webm", "webmanifest": "application/manifest+json", "webp": "image/webp",
        "woff": "font/woff", "woff2": "font/woff2", "xhtml": "application/xhtml+xml",
        "xml": "application/xml", "xz": "application/x-xz", "yaml": "application/yaml",
        "yml": "application/yaml", "zip": "application/zip",
    ]

    /// The media type of a file's extension; `application/octet-stream` for those that say nothing.
    static func of(_ name: String) -> String {
        guard let last = name.split(separator: "/").last, let dot = last.lastIndex(of: "."),
            dot != last.startIndex
        else { return "application/octet-stream" }
        return types[last[dot...].dropFirst().lowercased()] ?? "application/octet-stream"
    }
}
