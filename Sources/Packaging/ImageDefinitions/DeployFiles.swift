import Diagnostics
import FoundationEssentials

/// Checks of the files that CodePipeline's deploy actions for ECS read from an artifact: a broken one fails only
/// there, often in another account.
///
/// Sources: AWS CodePipeline user guide, "Image definitions file reference" and "Amazon ECS and CodeDeploy
/// blue-green".
package enum DeployFiles {
    /// The largest file that is looked at; what is larger is told.
    package static let maximumSize = ImageDefinitions.maximumSize

    /// How many problems of one file are told; who made more has one mistake, many times.
    package static let mostProblems = 20

    /// Whether deploy actions look for a file of this name.
    package static func isKnown(_ name: String) -> Bool {
        [
            "imagedefinitions.json", "imageDetail.json", "taskdef.json", "appspec.yaml", "appspec.yml",
            "appspec.json",
        ].contains(name)
    }

    /// What is wrong with a file; nothing when it is fine.
    ///
    /// - Parameters:
    ///   - name: the last part of its name.
    ///   - bytes: its content.
    /// - Returns: a clause for each problem, for ``mostProblems`` at most, and one for the rest.
    package static func problems(in name: String, _ bytes: [UInt8]) -> [String] {
        let problems = allProblems(in: name, bytes)
        guard problems.count > mostProblems else { return problems }
        return problems.prefix(mostProblems) + [
            "\(problems.count - mostProblems) more problems are not shown"
        ]
    }

    private static func allProblems(in name: String, _ bytes: [UInt8]) -> [String] {
        guard bytes.count <= maximumSize else { return ["it has more than \(maximumSize) bytes (100 KB)"] }
        do throws(PackagingError) {
            switch name {
            case "imagedefinitions.json":
                _ = try ImageDefinitions(parsing: bytes, named: name)
                return []
            case "imageDetail.json":
                _ = try ImageDetail(parsing: bytes, named: name)
                return []
            case "taskdef.json": return taskDefinition(bytes)
            case "appspec.yaml", "appspec.yml": return AppSpecification.problems(in: bytes)
            case "appspec.json": return AppSpecification.problems(inJSON: bytes)
            default: return []
            }
        } catch {
            return [error.description]
        }
    }

    /// The containers of an AppSpec file that the task definition beside it does not have.
    ///
    /// Files that cannot be read have no such problem; ``problems(in:_:)`` tells what they have.
    ///
    /// - Parameters:
    ///   - appSpecification: the content of the AppSpec file.
    ///   - taskDefinition: the content of `taskdef.json`.
    /// - Returns: a clause for each problem, for ``mostProblems`` at most.
    package static func problems(of appSpecification: [UInt8], beside taskDefinition: [UInt8]) -> [String] {
        guard max(appSpecification.count, taskDefinition.count) <= maximumSize,
            let definition = try? JSONDecoder().decode(TaskDefinition.self, from: Data(taskDefinition)),
            let containers = definition.containerDefinitions
        else { return [] }
        let names = Set(containers.compactMap(\.name))
        let unknown = AppSpecification.containers(in: appSpecification).filter { !names.contains($0.name) }
        return unknown.prefix(mostProblems).map { container in
            "line \(container.line): ContainerName \(Printable.text(container.name)) is none of the containers of "
                + "the taskdef.json beside it"
        }
    }

    /// Whether a file of this name is an AppSpec file.
    package static func isAppSpecification(_ name: String) -> Bool { name.hasPrefix("appspec.") }

    /// `<IMAGE1_NAME>` and the like, which the deploy action replaces.
    static func isPlaceholder(_ text: String) -> Bool {
        text.hasPrefix("<") && text.hasSuffix(">") && text.utf8.count > 2
            && text.utf8.dropFirst().dropLast().allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 95
                    || byte == 45
            }
    }

    private struct TaskDefinition: Decodable {
        struct Container: Decodable {
            var name: String?
            var image: String?
        }
        var family: String?
        var containerDefinitions: [Container]?
    }

    private static func taskDefinition(_ bytes: [UInt8]) -> [String] {
        do throws(JSONSyntax.Fault) {
            try JSONSyntax.check(bytes)
        } catch {
            return [error.description]
        }
        guard let definition = try? JSONDecoder().decode(TaskDefinition.self, from: Data(bytes)) else {
            return ["it is not the JSON of a task definition"]
        }
        var problems: [String] = []
        if let family = definition.family, !family.isEmpty {
            if let reason = TaskDefinitionName.problem(with: family) {
                problems.append("family is not a name: \(Printable.text(family)): \(reason)")
            }
        } else {
            problems.append("family is missing")
        }
        guard let containers = definition.containerDefinitions, !containers.isEmpty else {
            return problems + ["containerDefinitions is missing or empty"]
        }
        var names: Set<String> = []
        for (index, container) in containers.enumerated() {
            let place = "containerDefinitions[\(index)]"
            guard let name = container.name, !name.isEmpty else {
                problems.append("\(place) has no name")
                continue
            }
            if !names.insert(name).inserted {
                problems.append("two containers are named \(Printable.text(name))")
            }
            if let reason = TaskDefinitionName.problem(with: name) {
                problems.append("\(place).name is not a name: \(Printable.text(name)): \(reason)")
            }
            guard let image = container.image, !image.isEmpty else {
                problems.append("\(place) (\(Printable.text(name))) has no image")
                continue
            }
            if let problem = problem(with: image) { problems.append("\(place).image: \(problem)") }
        }
        return problems
    }

    private static func problem(with image: String) -> String? {
        // The one placeholder whose name is fixed, and it is another file's.
        guard image != "<TASK_DEFINITION>" else {
            return
                "<TASK_DEFINITION> is for AppSpec files: write <IMAGE1_NAME>, as the deploy action is configured"
        }
        guard !isPlaceholder(image) else { return nil }
        guard !image.contains("<"), !image.contains(">") else {
            return
                "\(Printable.text(image)) is no placeholder: write only <IMAGE1_NAME>, the name that the deploy "
                + "action is configured with, in angle brackets"
        }
        do throws(PackagingError) {
            _ = try ImageURI(image)
            return nil
        } catch {
            return error.description
        }
    }
}
