import FoundationEssentials
import Glibc
package import SystemPackage

/// The build numbers of the projects of one `.buildspec` directory, in its `state.json`.
package enum BuildNumbers {
    private struct State: Codable {
        var buildNumbers: [String: Int] = [:]
    }

    /// Counts a project's builds up by one; safe against other runners at the same time.
    /// - Returns: The new number; 1 for the first build, also when the file was unreadable.
    /// - Throws: ``RunnerFailure`` when the file cannot be written.
    package static func next(for project: String, in file: FilePath) throws(RunnerFailure) -> Int {
        // The directory itself is what runners lock, so that no lock file is left in it.
        let lock = open(file.removingLastComponent().string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw failure(file, Errno(rawValue: errno)) }
        defer { close(lock) }
        flock(lock, LOCK_EX)
        if let number = countInPlace(project, file) { return number }
        var state = State()
        if let content = try? Data(contentsOf: URL(filePath: file.string)),
            let known = try? JSONDecoder().decode(State.self, from: content)
        {
            state = known
        }
        let number = max(0, state.buildNumbers[project] ?? 0) &+ 1
        state.buildNumbers[project] = max(1, number)
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try AtomicFile.write(Array(try encoder.encode(state)), to: file)
        } catch let error as RunnerFailure {
            throw error
        } catch {
            throw RunnerFailure("write \(file)", "\(error)")
        }
        return max(1, number)
    }

    /// Counts up where only digits change in the file as it was written here, which is nearly always.
    ///
    /// Nobody sees half of it, and no other file takes its place, for which some file systems wait for the disk.
    /// - Returns: The new number; nil when that is not possible.
    private static func countInPlace(_ project: String, _ file: FilePath) -> Int? {
        let opened = open(file.string, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            return nil
        }
        let content = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, read(opened, buffer.baseAddress, buffer.count))
        }
        var key = Array("\n    ".utf8)
        JSONText.append(project, to: &key)
        key += Array(" : ".utf8)
        guard content.count < 1 << 16, content.starts(with: "{\n  \"buildNumbers\" : {\n".utf8),
            content.suffix(6).elementsEqual("\n  }\n}".utf8),
            let place = content.firstRange(of: key)?.upperBound
        else { return nil }
        let digits = content[place...].prefix { (0x30...0x39).contains($0) }
        guard let known = Int(String(decoding: digits, as: UTF8.self)), known < .max,
            [UInt8(ascii: "\n"), UInt8(ascii: ",")].contains(content[digits.endIndex])
        else { return nil }
        let next = Array("\(known + 1)".utf8)
        guard next.count == digits.count, pwrite(opened, next, next.count, off_t(place)) == next.count else {
            return nil
        }
        return known + 1
    }

    private static func failure(_ file: FilePath, _ error: Errno) -> RunnerFailure {
        RunnerFailure(
            "count builds in \(file)", error.description,
            hint: "the source's .buildspec directory must be writable")
    }
}
