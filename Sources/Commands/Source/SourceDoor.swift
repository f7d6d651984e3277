import AWSAdapters
import AWSClient
import BuildEngine
import Diagnostics
import Glibc
import SystemPackage

/// Fetches sources for a build: git with `git`, objects with the AWS session.
struct SourceDoor: SourceFetcher {
    /// What an object is called while it is fetched.
    static let fileName = "fetched-source"

    /// The executable; nil when there is none.
    var git: FilePath?
    /// nil when nothing of the build is in AWS.
    var session: AWSSession?

    func fetch(
        _ source: RemoteSource, into directory: FilePath, scratch: FilePath
    ) async throws(SourceFailure) -> FetchedSource {
        switch source {
        case .git(let repository):
            guard let git else {
                throw Self.failure(
                    source, "there is no git on this machine", hint: "install git")
            }
            let fetch = GitFetch(git: git, source: repository, directory: directory)
            return FetchedSource(commit: try await fetch.run())
        case .object(let bucket, let key, let versionID):
            guard let session else { throw Self.failure(source, "there is no AWS session", hint: nil) }
            let client: S3Client
            do throws(AWSError) {
                client = try session.s3()
            } catch {
                throw Self.failure(source, error)
            }
            let objects = FetchedObjects(client: client, source: source)
            guard key.hasSuffix("/") else {
                let file = scratch.appending(Self.fileName)
                try await objects.download(bucket, key, versionID, to: file)
                return FetchedSource(archive: file)
            }
            try await objects.folder(bucket, key, into: directory)
            return FetchedSource()
        }
    }

    fileprivate static func failure(_ source: RemoteSource, _ error: AWSError) -> SourceFailure {
        var failure = RunnerFailure("fetch \(source.url)", error)
        switch error.serviceFailure?.code {
        case "NoSuchKey":
            failure.hint =
                failure.hint ?? "check the key; that of a folder, whose objects are fetched, ends with /"
        case "NoSuchVersion":
            failure.hint =
                "the object has no version \(source.version ?? ""); leave the version out for the newest"
        default: break
        }
        return SourceFailure(failure: failure, isRunners: true)
    }

    fileprivate static func failure(
        _ source: RemoteSource, _ reason: String, hint: String?
    ) -> SourceFailure {
        SourceFailure(failure: RunnerFailure("fetch \(source.url)", reason, hint: hint), isRunners: true)
    }
}

/// Objects of S3 on their way into files.
private struct FetchedObjects {
    var client: S3Client
    var source: RemoteSource

    /// More files than this in a folder are refused.
    private static let mostObjects = 100_000

    func download(
        _ bucket: String, _ key: String, _ versionID: String?, to path: FilePath
    ) async throws(SourceFailure) {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            let errno = error as? Errno ?? .ioError
            throw SourceFailure(
                failure: RunnerFailure("fetch \(source.url)", errno, at: path), isRunners: true)
        }
        defer { try? file.close() }
        do throws(AWSError) {
            let location = try ObjectLocation(bucket: bucket, key: key)
            _ = try await client.getObject(location, versionID: versionID, into: file)
        } catch {
            unlink(path.string)
            throw SourceDoor.failure(source, error)
        }
    }

    /// Everything below a prefix; the directory is the build's own and holds nothing but what comes from here, so that no
    /// path in it leads elsewhere.
    func folder(_ bucket: String, _ prefix: String, into directory: FilePath) async throws(SourceFailure) {
        var token: String?
        var count = 0
        repeat {
            let page: ObjectPage
            do throws(AWSError) {
                page = try await client.listObjects(bucket, prefix: prefix, continuationToken: token)
            } catch {
                throw SourceDoor.failure(source, error)
            }
            token = page.continuationToken
            for entry in page.entries {
                let name = entry.key.dropFirst(prefix.count)
                if name.isEmpty || name.hasSuffix("/") { continue }
                count += 1
                try check(name, count)
                let target = directory.pushing(FilePath(String(name)))
                do throws(RunnerFailure) {
                    try BuildFiles.makeDirectories(target.removingLastComponent())
                } catch {
                    throw SourceFailure(failure: error, isRunners: true)
                }
                try await download(bucket, entry.key, nil, to: target)
            }
        } while token != nil
        if count == 0 { throw SourceDoor.failure(source, "there is nothing below it", hint: nil) }
    }

    private func check(_ name: Substring, _ count: Int) throws(SourceFailure) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
            throw SourceDoor.failure(
                source, "its key \(DisplayText.harmless(String(name.prefix(200)))) is no file name", hint: nil
            )
        }
        guard count <= Self.mostObjects else {
            throw SourceDoor.failure(source, "it has more than \(Self.mostObjects) objects", hint: nil)
        }
    }
}
