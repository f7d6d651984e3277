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

    private static func failure(_ file: FilePath, _ error: Errno) -> RunnerFailure {
        RunnerFailure(
            "count builds in \(file)", error.description,
            hint: "the source's .buildspec directory must be writable")
    }
}
