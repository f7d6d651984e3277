import Archiving
import Buildspec
import Diagnostics
import FoundationEssentials
import Glibc
import Masking
import Reports
import Sandbox
package import SystemPackage

/// A report that a build has left, for whoever tells people.
package struct WrittenReport: Sendable, Hashable {
    /// Its summary in `reports/<group>/report.json`.
    package var file: FilePath
    /// One line for people.
    package var text: String
    /// The report's ARN.
    package var arn: String
}

/// Turns report files of a workspace into summaries in the build's `reports` directory, with the raw files beside them.
struct ReportDesk: Sendable {
    /// What became of one entry of `reports`.
    enum Result {
        /// The files are named as ``FileSelector`` shows them.
        case written(WrittenReport, files: Set<String>)
        case failed(String)
    }

    var scene: BuildScene
    /// The variables at the end of POST_BUILD.
    var variables: [String: String]

    /// One entry of `reports`.
    /// - Throws: ``RunnerFailure`` when something cannot be written.
    func process(_ report: Report) async throws(RunnerFailure) -> Result {
        // The key becomes the name of a directory.
        let key = await scene.log.hidingSecrets(expanded(report.group))
        let request = ArtifactSelectionRequest(
            patterns: report.files.map(expanded), baseDirectory: report.baseDirectory.map(expanded),
            discardPaths: report.discardPaths?.value ?? false)
        if let runner = scene.runner {
            try await OutsideFiles(scene: scene, runner: runner).bring(
                request.patterns, in: request.baseDirectory, to: "copy the report's files")
        }
        let log = SelectionLog(log: scene.log)
        let selection: Selection
        do throws(ArchivingError) {
            selection = try selector().select(request)
            await log.tell(selection.notes, found: selection.files.count)
        } catch {
            await log.tell(request: request, failure: error)
            let reason = error.code == .noMatchingFiles ? "no matching report paths found" : error.description
            return .failed("\(key): [\(reason)]")
        }
        let format = report.fileFormat.flatMap { ReportFormat(rawValue: $0.value.rawValue) } ?? .junitXML
        do throws(ReportProblem) {
            let written = try await write(selection, format, group(key))
            return .written(written, files: Set(selection.files.map(\.displayPath)))
        } catch {
            switch error {
            case .file(let name, let failure):
                return .failed("\(key): [error processing report: [\(name): \(failure)]]")
            case .runner(let failure): throw failure
            }
        }
    }

    /// What keeps a report from being written.
    enum ReportProblem: Error {
        case file(String, ReportFailure)
        case runner(RunnerFailure)
    }

    /// Looks at the files as the build sees them.
    func selector() throws(ArchivingError) -> FileSelector {
        let root = scene.workspace.root
        return try FileSelector(
            root: root.insidePath == "/" ? root.hostPath : "/",
            sourceDirectory: scene.workspace.sourceDirectory)
    }

    /// The group of a key.
    func group(_ key: String) -> ReportGroupName {
        let identity = scene.plan.identity
        return ReportGroupName(
            key: key, project: identity.projectName,
            arnPrefix: "arn:\(identity.partition):codebuild:\(identity.region):\(identity.account)")
    }

    /// Reads, copies and summarises.
    /// - Throws: ``ReportProblem``.
    func write(
        _ selection: Selection, _ format: ReportFormat, _ group: ReportGroupName
    ) async throws(ReportProblem) -> WrittenReport {
        let directory = freeDirectory(for: group)
        let secrets = await scene.log.secrets
        var tests = TestTally()
        var coverage: [FileCoverage] = []
        for file in selection.files {
            let bytes = try read(file, of: selection)
            do throws(ReportFailure) {
                try ReportFormat.checkSize(bytes)
            } catch {
                throw .file(file.name.description, error)
            }
            do throws(RunnerFailure) {
                try copy(bytes, file.name, to: directory.appending("raw"), secrets)
            } catch {
                throw .runner(error)
            }
            do throws(ReportFailure) {
                let name = secrets.masked(file.name.description)
                switch try format.read(bytes) {
                case .tests(let cases):
                    for test in cases { tests.add(hidden(test, from: name, tests, secrets)) }
                case .coverage(let files):
                    coverage += files.map { file in
                        var file = file
                        file.filePath = secrets.masked(file.filePath)
                        return file
                    }
                }
            } catch {
                throw .file(file.name.description, error)
            }
        }
        let build = scene.plan.identity.buildARN
        let summary =
            format.isCoverage
            ? ReportSummary(coverage: coverage, group: group, executionID: build)
            : ReportSummary(tests: tests, group: group, executionID: build)
        let place = directory.appending("report.json")
        do throws(RunnerFailure) {
            try store(summary, at: place)
        } catch {
            throw .runner(error)
        }
        return WrittenReport(file: place, text: summary.text, arn: summary.arn)
    }

    /// The group's directory, or, where an entry of the same group has that, another one.
    private func freeDirectory(for group: ReportGroupName) -> FilePath {
        let reports = scene.plan.directories.reports
        var name = group.directoryName
        var number = 2
        while access(reports.appending(name).string, F_OK) == 0 {
            name = "\(group.directoryName)-\(number)"
            number += 1
        }
        return reports.appending(name)
    }

    /// What tests have said may hold what the log hides; those that are only counted are not looked at.
    private func hidden(
        _ test: TestCase, from file: String, _ tally: TestTally, _ secrets: SecretSet
    ) -> TestCase {
        guard tally.lists(test.status) else { return test }
        var result = test
        result.testRawDataPath = file
        for field in [\TestCase.name, \.prefix, \.testSuiteName, \.message]
        where !result[keyPath: field].isEmpty {
            result[keyPath: field] = secrets.masked(result[keyPath: field])
        }
        return result
    }

    private func read(_ file: SelectedFile, of selection: Selection) throws(ReportProblem) -> [UInt8] {
        do {
            let descriptor = try selection.open(file)
            defer { try? descriptor.close() }
            var content: [UInt8] = []
            // One byte beyond the limit is enough for the reader to refuse it.
            while content.count <= ReportFormat.sizeLimit {
                let chunk = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { break }
                content += chunk
            }
            return content
        } catch {
            throw .runner(RunnerFailure("read the report \(file.displayPath)", "\(error)"))
        }
    }

    /// Copies a report file, masked like the log, under a name that is masked, too.
    private func copy(
        _ bytes: [UInt8], _ name: EntryName, to raw: FilePath, _ secrets: SecretSet
    ) throws(RunnerFailure) {
        // Names of a selection are relative and have no `..`, and what hides a secret is no separator.
        let target = raw.pushing(FilePath(secrets.masked(name.description)))
        try BuildFiles.makeDirectories(target.removingLastComponent())
        var masker = StreamMasker(secrets: secrets)
        var visible: [UInt8] = []
        masker.feed(bytes, into: &visible)
        masker.finish(into: &visible)
        try AtomicFile.write(visible, to: target)
    }

    private func store(_ summary: ReportSummary, at place: FilePath) throws(RunnerFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try AtomicFile.write(Array(try encoder.encode(summary)) + [10], to: place)
        } catch let error as RunnerFailure {
            throw error
        } catch {
            throw RunnerFailure("write \(place)", "\(error)")
        }
    }

    private func expanded(_ text: Marked<String>) -> String {
        VariableExpansion.expand(text.value, variables)
    }
}
