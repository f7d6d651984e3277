import Archiving
import Buildspec
import Diagnostics
import Glibc
import Reports
import Sandbox
import SystemPackage

/// `reports` and the discovery of report files that nobody has named: read and summarised in UPLOAD_ARTIFACTS, after the
/// artifacts (behaviour reference, sections 1.7, 4.4 and 8).
///
/// What was named and cannot be read fails the build; what was discovered does not.
struct TestReports: BuildFeature {
    let moments: Set<BuildMoment> = [.uploadArtifacts]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        var contribution = Contribution()
        guard let runner = scene.runner else { return contribution }
        var variables: [String: String] = [:]
        do throws(SandboxError) {
            // Few builds have a variable that matters here.
            if !scene.buildspec.reports.isEmpty || runner.mayKnow(ReportDiscovery.variable) {
                variables = try await runner.environment()
            }
        } catch {
            return contribution
        }
        let desk = ReportDesk(scene: scene, variables: variables)
        var named: Set<String> = []
        var failures: [String] = []
        do throws(RunnerFailure) {
            for report in scene.buildspec.reports {
                switch try await desk.process(report) {
                case .written(let written, let files):
                    contribution.reports.append(written)
                    named.formUnion(files)
                case .failed(let context):
                    // The words of CodeBuild (behaviour reference, section 3.6).
                    failures.append(context)
                }
            }
            if failures.isEmpty {
                contribution.reports += try await ReportDiscovery(desk: desk).run(besides: named)
            } else {
                contribution.contexts = [.clientError("[\(failures.joined(separator: " "))]")]
            }
        } catch {
            contribution.runnerFailure = error
            contribution.contexts = [.clientError(error.description)]
        }
        return contribution
    }
}
