import Crypto
import Foundation
import ShellChecks
import SystemPackage

/// Remembers what shellcheck answered, since asking it takes longer than everything else together.
///
/// One private file an answer, named by a digest of the question, in the user's cache directory. What cannot be read or
/// written is not remembered; nothing depends on it.
struct ShellcheckCache: ShellcheckMemory {
    private let directory: FilePath

    /// Answers that are kept; beyond this the older half is forgotten.
    private static let limit = 1_000
    /// Bytes of an answer that is kept.
    private static let longestAnswer = 1 << 20

    /// The cache of the user; nil without a home.
    init?(_ environment: RunnerEnvironment) {
        guard let base = environment.cacheDirectory else { return nil }
        directory = base.appending("shellcheck")
    }

    func answer(to question: [UInt8]) -> [UInt8]? {
        guard
            let file = try? FileDescriptor.open(
                path(of: question), .readOnly, options: [.closeOnExec, .noFollow])
        else { return nil }
        defer { try? file.close() }
        var answer: [UInt8] = []
        while answer.count < Self.longestAnswer {
            let chunk = try? [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard let chunk else { return nil }
            if chunk.isEmpty { return answer }
            answer += chunk
        }
        return nil
    }

    func remember(_ answer: [UInt8], to question: [UInt8]) {
        guard answer.count < Self.longestAnswer else { return }
        let manager = FileManager.default
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        guard
            (try? manager.createDirectory(
                atPath: directory.string, withIntermediateDirectories: true, attributes: attributes)) != nil
        else { return }
        forgetIfMany(manager)
        let path = path(of: question)
        let draft = FilePath(path.string + ".\(ProcessInfo.processInfo.processIdentifier)")
        guard
            let file = try? FileDescriptor.open(
                draft, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite)
        else { return }
        let isWritten = (try? file.closeAfter { try file.writeAll(answer) }) == answer.count
        if !isWritten || rename(draft.string, path.string) != 0 { unlink(draft.string) }
    }

    private func path(of question: [UInt8]) -> FilePath {
        let digest = SHA256.hash(data: question).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return directory.appending(digest.joined())
    }

    /// Forgets the older half of too many answers.
    private func forgetIfMany(_ manager: FileManager) {
        guard let names = try? manager.contentsOfDirectory(atPath: directory.string), names.count > Self.limit
        else {
            return
        }
        let dated = names.map { name in
            let path = directory.appending(name).string
            let date = (try? manager.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            return (path: path, date: date ?? .distantPast)
        }
        for old in dated.sorted(by: { $0.date < $1.date }).prefix(names.count / 2) { unlink(old.path) }
    }
}
