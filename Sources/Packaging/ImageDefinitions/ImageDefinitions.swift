import FoundationEssentials

/// The content of `imagedefinitions.json`, by which CodePipeline's standard ECS action learns the image of
/// each container.
///
/// Format: AWS CodePipeline user guide, "Image definitions file reference".
package struct ImageDefinitions: Sendable, Hashable {
    /// One container of the task definition.
    package struct Container: Sendable, Hashable {
        /// Its name in the task definition.
        package let name: String
        /// What it shall run.
        package let image: ImageURI

        /// Checks the name.
        ///
        /// - Throws: `invalidContainerName`.
        package init(name: String, image: ImageURI) throws(PackagingError) {
            if let reason = TaskDefinitionName.problem(with: name) {
                throw PackagingError(.invalidContainerName, Printable.text(name), reason)
            }
            self.name = name
            self.image = image
        }
    }

    /// The largest file that CodePipeline reads, in bytes.
    package static let maximumSize = 100 * 1_024

    /// The containers, in the order given.
    package let containers: [Container]

    /// Checks the list.
    ///
    /// - Throws: `noContainers`, `duplicateContainer`, `fileTooLarge`.
    package init(_ containers: [Container]) throws(PackagingError) {
        guard !containers.isEmpty else {
            throw PackagingError(.noContainers, "the list of images", "it names no container")
        }
        var names: Set<String> = []
        for container in containers where !names.insert(container.name).inserted {
            throw PackagingError(.duplicateContainer, container.name, "each container has one image")
        }
        self.containers = containers
        guard encoded.count <= Self.maximumSize else {
            throw PackagingError(
                .fileTooLarge, "the list of images", "\(encoded.count) bytes, where 102400 are allowed")
        }
    }

    /// Checks the content of an existing file, which must be strict JSON; unknown keys are allowed.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - name: the file's name, for messages.
    /// - Throws: `fileTooLarge`, `malformedFile`, and what the values throw.
    package init(parsing bytes: [UInt8], named name: String = "imagedefinitions.json") throws(PackagingError)
    {
        let entries: [Entry] = try JSONFile.decode(
            bytes, name, maximumSize: Self.maximumSize, shape: "a list of objects with name and imageUri")
        var containers: [Container] = []
        for entry in entries {
            containers.append(try Container(name: entry.name, image: ImageURI(entry.imageUri)))
        }
        try self.init(containers)
    }

    private struct Entry: Decodable {
        let name: String
        let imageUri: String
    }

    /// The file: compact JSON and a line break; the same values make the same bytes.
    package var encoded: [UInt8] {
        // Names and URIs have passed checks that leave nothing to escape.
        let entries = containers.map { #"{"name":"\#($0.name)","imageUri":"\#($0.image)"}"# }
        return Array(("[" + entries.joined(separator: ",") + "]\n").utf8)
    }
}

/// The content of `imageDetail.json`, by which CodePipeline's blue/green ECS action learns the image.
///
/// Format: AWS CodePipeline user guide, "imageDetail.json file for Amazon ECS blue/green deployment actions".
package struct ImageDetail: Sendable, Hashable {
    /// The image.
    package let image: ImageURI

    /// Describes one image.
    package init(image: ImageURI) {
        self.image = image
    }

    /// Checks the content of an existing file; unknown keys, of which Amazon ECR writes several, are allowed.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - name: the file's name, for messages.
    /// - Throws: `fileTooLarge`, `malformedFile`, `invalidImageURI`.
    package init(parsing bytes: [UInt8], named name: String = "imageDetail.json") throws(PackagingError) {
        let entry: Entry = try JSONFile.decode(
            bytes, name, maximumSize: ImageDefinitions.maximumSize, shape: "an object with ImageURI")
        self.init(image: try ImageURI(entry.uri))
    }

    private struct Entry: Decodable {
        enum CodingKeys: String, CodingKey {
            case uri = "ImageURI"
        }
        let uri: String
    }

    /// The file: compact JSON and a line break.
    package var encoded: [UInt8] {
        Array("{\"ImageURI\":\"\(image)\"}\n".utf8)
    }
}

/// Names of containers and families in task definitions: 1 to 255 letters, digits, hyphens and underscores.
enum TaskDefinitionName {
    /// Why a name is none; nil when it is one.
    static func problem(with name: String) -> String? {
        let isKnown = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        if !isKnown { return "it has other characters than letters, digits, hyphens and underscores" }
        if name.isEmpty { return "it is empty" }
        return name.utf8.count > 255 ? "it has more than 255 characters" : nil
    }
}

/// Small JSON files of known shape.
enum JSONFile {
    static func decode<Value: Decodable>(
        _ bytes: [UInt8], _ name: String, maximumSize: Int, shape: String
    ) throws(PackagingError) -> Value {
        guard bytes.count <= maximumSize else {
            throw PackagingError(
                .fileTooLarge, name, "\(bytes.count) bytes, where \(maximumSize) are allowed")
        }
        do throws(JSONSyntax.Fault) {
            try JSONSyntax.check(bytes)
        } catch {
            throw PackagingError(.malformedFile, name, error.description)
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            let place = (error as? DecodingError).flatMap(Self.place) ?? ""
            throw PackagingError(.malformedFile, name, "it is not \(shape)" + place)
        }
    }

    /// `: [1].imageUri is missing`; nil when the whole value has another shape.
    private static func place(of error: DecodingError) -> String? {
        let (path, problem): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case .valueNotFound(_, let context): (context.codingPath, "is null")
            case .typeMismatch(_, let context): (context.codingPath, "is something else")
            case .dataCorrupted(let context): (context.codingPath, "cannot be read")
            @unknown default: ([], "")
            }
        guard !path.isEmpty else { return nil }
        let names = path.enumerated().map { index, key in
            key.intValue.map { "[\($0)]" } ?? (index > 0 ? "." : "") + key.stringValue
        }
        return ": \(names.joined()) \(problem)"
    }
}
