import FoundationEssentials
import SystemPackage
import TestSupport

/// A `yaml` block of a Markdown file that shows a file to copy: its first line is a comment with the file's name.
struct ConfigurationBlock: Sendable {
    /// Where a reader would put it.
    var name: String
    /// The whole block.
    var text: String

    /// All blocks of a file that name one.
    static func read(_ file: FilePath) throws -> [ConfigurationBlock] {
        let text = try String(contentsOf: URL(filePath: file.string), encoding: .utf8)
        return text.matches(of: #/```yaml\n# (\S+)\n(?s:.*?)\n```/#).map { match in
            let block = match.output.0.split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
            return ConfigurationBlock(name: String(match.output.1), text: block + "\n")
        }
    }

    /// The command lines of all jobs: `run:` in GitHub Actions, `script:` in GitLab CI.
    func commandLines() async throws -> [String] {
        let script = """
            import json, sys, yaml
            document = yaml.safe_load(sys.stdin)
            jobs = document.get("jobs", document).values()
            print(json.dumps([step["run"] for job in jobs for step in job.get("steps", []) if "run" in step]
                             + [line for job in jobs for line in job.get("script", [])]))
            """
        let output = try await PythonEnvironment().run(script, input: text)
        return try JSONDecoder().decode([String].self, from: Data(output.utf8))
    }
}
