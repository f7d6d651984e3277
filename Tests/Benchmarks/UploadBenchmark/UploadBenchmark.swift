import AWSClient
import Glibc
import SystemPackage

/// Uploads as the runner does, and nothing else: `upload-benchmark BUCKET KEY FILE` sends one file,
/// `upload-benchmark BUCKET PREFIX DIRECTORY` all files of a directory, `upload-benchmark BUCKET KEY -` standard input.
///
/// What `make bench` compares with other tools; credentials and endpoint are the environment's.
@main enum UploadBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else {
            print("usage: upload-benchmark BUCKET KEY FILE|DIRECTORY|-")
            exit(2)
        }
        let bucket = arguments[1]
        let key = arguments[2]
        let path = FilePath(arguments[3])
        try await withAWSSession(AWSConfiguration(environment: environment())) { session in
            let client = try session.s3()
            if path.string == "-" {
                _ = try await client.uploadStream(to: ObjectLocation(bucket: bucket, key: key)) { writer in
                    var bytes = [UInt8](repeating: 0, count: 1 << 20)
                    while true {
                        let count = try bytes.withUnsafeMutableBytes {
                            try FileDescriptor.standardInput.read(into: $0)
                        }
                        if count == 0 { break }
                        try await writer.write(count == bytes.count ? bytes : Array(bytes.prefix(count)))
                    }
                }
            } else if let names = names(in: path) {
                let files = try names.map { name in
                    FileUpload(
                        try FileSlice(wholeFile: path.appending(name)),
                        to: try ObjectLocation(bucket: bucket, key: "\(key)/\(name)"))
                }
                _ = try await client.upload(files)
            } else {
                _ = try await client.upload(
                    FileSlice(wholeFile: path), to: ObjectLocation(bucket: bucket, key: key))
            }
        }
    }

    private static func environment() -> [String: String] {
        let names = [
            "HOME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL",
            "AWS_CA_BUNDLE", "AWS_PROFILE",
        ]
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in
                getenv(name).map { (name, String(cString: $0)) }
            })
    }

    /// The names of a directory's entries; nil when the path is something else.
    private static func names(in path: FilePath) -> [String]? {
        guard let directory = opendir(path.string) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
