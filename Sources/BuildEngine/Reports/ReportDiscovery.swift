import Archiving
import Glibc
import Reports
import SystemPackage

/// Finds report files that the buildspec does not name (behaviour reference, section 8.4).
struct ReportDiscovery: Sendable {
    /// CodeBuild's limit, in seconds.
    private static let limit = 5
    /// Variables that it obeys begin with this.
    static let variable = "CODEBUILD_CONFIG_AUTO_DISCOVER"
    /// What report files are called.
    private static let endings = [".xml", ".trx", ".json"]

    var desk: ReportDesk

    /// Finds, reads and summarises them; those that cannot be read are left alone.
    /// - Parameter named: Files that belong to a group of the buildspec.
    /// - Returns: The reports.
    /// - Throws: ``RunnerFailure`` when a summary cannot be written.
    func run(besides named: Set<String>) async throws(RunnerFailure) -> [WrittenReport] {
        guard desk.variables[Self.variable]?.lowercased() != "false" else { return [] }
        let pattern = desk.variables[Self.variable + "_DIR"] ?? ""
        let patterns = [pattern.isEmpty ? "**/*" : pattern]
        let log = desk.scene.log
        await log.agent("Set report auto-discover timeout to \(Self.limit) seconds")
        let begun = desk.scene.services.clock()
        let groups = find(patterns, besides: named)
        await tell(patterns)
        var written: [WrittenReport] = []
        for (format, selection) in groups {
            await log.agent("Found \(selection.files.count) file(s) of format \(format.rawValue)")
            let group = desk.group("\(format.rawValue)-AutoDiscovered")
            do throws(ReportDesk.ReportProblem) {
                written.append(try await desk.write(selection, format, group))
            } catch {
                if case .runner(let failure) = error { throw failure }
            }
        }
        if groups.isEmpty { await log.agent("No matching auto-discover report paths found") }
        let seconds = desk.scene.services.clock().epochSeconds - begun.epochSeconds
        let microseconds = String(Int(max(0, seconds) * 1e6) % 1_000_000 + 1_000_000).dropFirst()
        await log.agent(
            "Report auto-discover file discovery took \(Int(max(0, seconds))).\(microseconds) seconds")
        return written
    }

    /// The lines are CodeBuild's, the two blanks in the first among them.
    private func tell(_ patterns: [String]) async {
        let log = desk.scene.log
        for line in [
            "Expanding base directory path:  .", "Assembling file list", "Expanding .",
            "Expanding file paths for base directory .", "Assembling file list",
        ] { await log.agent(line) }
        for pattern in patterns { await log.agent("Expanding \(pattern)") }
    }

    private func find(
        _ patterns: [String], besides named: Set<String>
    ) -> [(format: ReportFormat, selection: Selection)] {
        guard let selector = try? desk.selector(),
            let all = try? selector.select(ArtifactSelectionRequest(patterns: patterns))
        else { return [] }
        let deadline = ContinuousClock.now + .seconds(Self.limit)
        var formats: [ReportFormat: [SelectedFile]] = [:]
        for file in all.files where Self.isCandidate(file) && !named.contains(file.displayPath) {
            guard ContinuousClock.now < deadline else { break }
            guard let format = format(of: file, in: all) else { continue }
            formats[format, default: []].append(file)
        }
        return ReportFormat.allCases.compactMap { format in
            formats[format].map { (format, all.keeping($0)) }
        }
    }

    private static func isCandidate(_ file: SelectedFile) -> Bool {
        let name = String(decoding: file.name.lastComponent, as: UTF8.self).lowercased()
        return endings.contains { name.hasSuffix($0) }
    }

    private func format(of file: SelectedFile, in selection: Selection) -> ReportFormat? {
        guard let descriptor = try? selection.open(file) else { return nil }
        defer { try? descriptor.close() }
        let head = [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
            count = (try? descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return ReportFormat.detect(head[...])
    }
}
