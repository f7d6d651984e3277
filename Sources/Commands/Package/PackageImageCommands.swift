import ArgumentParser
import Packaging
import SystemPackage

/// `buildspec package image-definitions`.
struct PackageImageDefinitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image-definitions",
        abstract: "Write the imagedefinitions.json of an ECS deploy action.",
        discussion: """
            Example:
              buildspec package image-definitions web=111122223333.dkr.ecr.eu-central-1.amazonaws.com/web:1.4 \\
                -o imagedefinitions.json
            """)

    @Argument(help: "Container name and image, NAME=URI.")
    var images: [String]

    @Option(name: .shortAndLong, help: "The file to write.")
    var output = "imagedefinitions.json"

    @OptionGroup var resolving: ImageResolvingOptions

    func run() async throws {
        let pairs = try images.map(Self.pair)
        var containers: [ImageDefinitions.Container] = []
        do throws(PackagingError) {
            for (name, uri) in pairs {
                containers.append(try ImageDefinitions.Container(name: name, image: try ImageURI(uri)))
            }
            _ = try ImageDefinitions(containers)
        } catch {
            throw CommandFailure(error)
        }
        let target = try RunnerEnvironment.current.outputPath(output)
        let images = try await resolving.resolve(containers.map(\.image))
        do throws(PackagingError) {
            var pinned: [ImageDefinitions.Container] = []
            for (container, image) in zip(containers, images) {
                pinned.append(try ImageDefinitions.Container(name: container.name, image: image))
            }
            let definitions = try ImageDefinitions(pinned)
            try PrivateFile.write(definitions.encoded, to: target)
        } catch {
            throw CommandFailure(error)
        }
    }

    private static func pair(_ argument: String) throws(CommandFailure) -> (name: String, uri: String) {
        guard let equals = argument.firstIndex(of: "=") else {
            throw .usage("\(argument): expected NAME=URI")
        }
        return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
    }
}

/// `buildspec package image-detail`.
struct PackageImageDetailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image-detail",
        abstract: "Write the imageDetail.json of an ECS blue/green deploy action.",
        discussion: """
            Example:
              buildspec package image-detail 111122223333.dkr.ecr.eu-central-1.amazonaws.com/web:1.4 -o imageDetail.json
            """)

    @Argument(help: "The image's URI.")
    var image: String

    @Option(name: .shortAndLong, help: "The file to write.")
    var output = "imageDetail.json"

    @OptionGroup var resolving: ImageResolvingOptions

    func run() async throws {
        let uri: ImageURI
        do throws(PackagingError) {
            uri = try ImageURI(image)
        } catch {
            throw CommandFailure(error)
        }
        let target = try RunnerEnvironment.current.outputPath(output)
        let images = try await resolving.resolve([uri])
        do throws(PackagingError) {
            let detail = ImageDetail(image: images.first ?? uri)
            try PrivateFile.write(detail.encoded, to: target)
        } catch {
            throw CommandFailure(error)
        }
    }
}
