package import SystemPackage

/// Where packaged artifacts go: a bucket, seen from here.
package protocol TemplateStore: Sendable {
    /// Which keys the store has already, as far as one question tells.
    ///
    /// - Throws: `storeFailed`, `cancelled`.
    func present() async throws(TemplateError) -> StoredKeys
    /// Whether the store has the key already.
    ///
    /// - Throws: `storeFailed`, `cancelled`.
    func contains(_ key: String) async throws(TemplateError) -> Bool
    /// Stores a file or bytes.
    ///
    /// - Throws: `storeFailed`, `cancelled`.
    func store(_ content: TemplateContent, as key: String) async throws(TemplateError)
    /// The object's place, `s3://bucket/key`.
    func location(of key: String) -> TemplateLocation
}

extension TemplateStore {
    /// Begins to ask for what ``present()`` tells.
    ///
    /// - Parameter executor: where the question is asked, if that matters.
    /// - Returns: the answer, when it is here.
    package func ask(on executor: (any TaskExecutor)? = nil) -> StoreListing {
        Task(executorPreference: executor) {
            do throws(TemplateError) {
                return .success(try await present())
            } catch {
                return .failure(error)
            }
        }
    }
}

/// The answer to what a store has, which may still be on its way.
package typealias StoreListing = Task<Result<StoredKeys, TemplateError>, Never>

/// Keys that a store has.
package struct StoredKeys: Sendable, Hashable {
    /// Some of them.
    package let keys: Set<String>
    /// Whether these are all, so that no key has to be asked for that is not among them.
    package let isComplete: Bool

    /// Describes what a store has.
    package init(_ keys: Set<String> = [], isComplete: Bool = false) {
        self.keys = keys
        self.isComplete = isComplete
    }
}

/// What is stored.
package enum TemplateContent: Sendable {
    /// A file.
    case file(FilePath)
    /// Some bytes.
    case bytes([UInt8])
}

/// Where an object is, in the ways in which templates say it.
package struct TemplateLocation: Sendable, Hashable {
    /// The bucket.
    package let bucket: String
    /// The whole key.
    package let key: String
    /// The version, when one was named.
    package let version: String?
    /// The object's address, by which CloudFormation fetches nested templates.
    package let address: String

    /// Describes a place.
    package init(bucket: String, key: String, version: String? = nil, address: String) {
        self.bucket = bucket
        self.key = key
        self.version = version
        self.address = address
    }

    /// Reads `s3://bucket/key[?versionId=version]`; nil for anything else.
    init?(url text: String) {
        guard text.hasPrefix("s3://") else { return nil }
        let withoutFragment = text.dropFirst(5).prefix { $0 != "#" }
        let halves = withoutFragment.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = halves.first, let slash = path.firstIndex(of: "/"), slash > path.startIndex else {
            return nil
        }
        bucket = String(path[..<slash])
        key = String(path[slash...].drop { $0 == "/" })
        let versions = (halves.count > 1 ? halves[1] : "").split(separator: "&").filter {
            $0.hasPrefix("versionId=") && $0.utf8.count > 10
        }
        version = versions.count == 1 ? versions.first.map { String($0.dropFirst(10)) } : nil
        address = text
    }

    /// `s3://bucket/key`.
    var url: String { "s3://\(bucket)/\(key)" }
}
