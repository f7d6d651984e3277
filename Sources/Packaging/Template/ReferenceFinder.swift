import Diagnostics
import SystemPackage
import YAMLTree

/// Finds what a template names, by the rules of `aws cloudformation package`.
struct ReferenceFinder {
    let document: TemplateDocument
    /// Whether properties are looked at that the AWS CLI leaves alone.
    let takesAdditions: Bool
    private(set) var references: [TemplateReference] = []
    /// What is worth knowing.
    private(set) var notes: [String] = []

    init(_ document: TemplateDocument, takesAdditions: Bool) {
        self.document = document
        self.takesAdditions = takesAdditions
    }

    /// - Throws: `missingPath`, `malformed`.
    mutating func run() throws(TemplateError) {
        guard let top = document.root.mapping else { return }
        for entry in top["Metadata"]?.mapping?.effectiveEntries ?? [] {
            guard let type = entry.key.scalar?.text else { continue }
            for property in PackagedProperty.metadata(of: type) {
                try look(
                    at: property, in: entry.value, [.key("Metadata"), .key(type)], owner: Self.printable(type)
                )
            }
        }
        guard let resources = top["Resources"] else { return }
        try include(in: document.root, [])
        try self.resources(in: resources, [.key("Resources")])
    }

    private mutating func resources(in node: YAMLNode, _ path: [TemplateStep]) throws(TemplateError) {
        guard isMap(node) else { throw shapeless(node, "Resources") }
        for entry in node.mapping?.effectiveEntries ?? [] {
            guard let name = entry.key.scalar?.text, !entry.key.text(is: "Fn::Transform") else { continue }
            let place = path + [.key(name)]
            if name.hasPrefix("Fn::ForEach::") {
                guard let parts = entry.value.sequence, parts.count == 3 else {
                    throw TemplateError(
                        .malformed, document.place(entry.value.useRange) + ": \(Self.printable(name))",
                        "a loop is a list of three: a name, a collection, and what is repeated")
                }
                try resources(in: parts[2], place + [.index(2)])
                continue
            }
            guard isMap(entry.value) else { throw shapeless(entry.value, Self.printable(name)) }
            guard let resource = entry.value.mapping, let type = resource["Type"]?.scalar?.text,
                let properties = resource["Properties"], !properties.isNull
            else { continue }
            guard isMap(properties) else {
                throw shapeless(properties, "Properties of " + Self.printable(name))
            }
            guard properties.mapping != nil, !isFunction(properties) else { continue }
            for property in PackagedProperty.properties(of: type) {
                try look(
                    at: property, in: properties, place + [.key("Properties")], owner: Self.printable(name))
            }
        }
    }

    /// Whether a value is a map, or a function that may give one.
    private func isMap(_ node: YAMLNode) -> Bool { node.mapping != nil || isFunction(node) }

    private func shapeless(_ node: YAMLNode, _ what: String) -> TemplateError {
        TemplateError(
            .malformed, document.place(node.useRange) + ": \(what)",
            "it is to be a map, and this is \(node.kindInWords)")
    }

    /// A name of the template's for messages, on one line.
    private static func printable(_ name: String) -> String { Printable.text(name) }

    /// `AWS::Include` in `Fn::Transform`, wherever it stands.
    private mutating func include(in node: YAMLNode, _ path: [TemplateStep]) throws(TemplateError) {
        for (index, item) in (node.sequence ?? []).enumerated() where item.scalar == nil {
            try include(in: item, path + [.index(index)])
        }
        if node.tag == "!Transform" {
            try transform(node, path)
            return
        }
        for entry in node.mapping?.effectiveEntries ?? [] where entry.value.scalar == nil {
            guard let key = entry.key.scalar?.text else { continue }
            if key == "Fn::Transform" {
                try transform(entry.value, path + [.key(key)])
            } else {
                if path.isEmpty, key == "Transform" { try topTransform(entry.value) }
                try include(in: entry.value, path + [.key(key)])
            }
        }
    }

    private mutating func transform(_ node: YAMLNode, _ path: [TemplateStep]) throws(TemplateError) {
        guard let mapping = node.mapping, mapping["Name"]?.scalar?.text == "AWS::Include",
            let parameters = mapping["Parameters"], !isFunction(parameters),
            let location = parameters.mapping?["Location"], !isFunction(location),
            let text = location.scalar?.text, !text.isEmpty, TemplateLocation(url: text) == nil
        else { return }
        let label = document.place(location.useRange) + ": Location of AWS::Include"
        let (target, kind) = resolve(text)
        guard kind == .file else { throw missing(label, text, target, kind, wanted: "file") }
        references.append(
            TemplateReference(
                path: path + [.key("Parameters"), .key("Location")], work: .artifact(.file(target)),
                form: .url, label: label))
    }

    /// The AWS CLI leaves a transform of the whole template alone; CloudFormation then cannot find a local file.
    private mutating func topTransform(_ node: YAMLNode) throws(TemplateError) {
        let candidates = node.sequence.map { items in
            items.enumerated().map { ([TemplateStep.key("Transform"), .index($0)], $1) }
        }
        for (path, item) in candidates ?? [([.key("Transform")], node)] {
            guard let location = item.mapping?["Parameters"]?.mapping?["Location"],
                item.mapping?["Name"]?.scalar?.text == "AWS::Include", !isFunction(location),
                let text = location.scalar?.text, !text.isEmpty, !isRemote(text)
            else { continue }
            guard !takesAdditions else {
                try transform(item, path)
                continue
            }
            note("Location of AWS::Include", text, location)
        }
    }

    private mutating func look(
        at property: PackagedProperty, in node: YAMLNode, _ path: [TemplateStep], owner: String
    ) throws(TemplateError) {
        var value: YAMLNode? = node
        for key in property.path {
            guard let current = value else { break }
            guard !isFunction(current) else { return }
            guard current.mapping != nil || current.isNull else {
                throw shapeless(current, "\(property.name) of \(owner)")
            }
            value = current.mapping?[key]
        }
        let place = path + property.path.map { .key($0) }
        if let value, isFunction(value) || value.mapping != nil { return }
        let label = document.place((value ?? node).useRange) + ": \(property.name) of \(owner)"
        guard let value, !value.isNull, value.scalar?.text != "" else {
            if property.isImplied { try implied(property, place, label, in: node) }
            if property.form == .template, !property.isAddition, value?.isNull == false {
                throw TemplateError(.missingPath, label, "it is empty, and a template is to be named")
            }
            return
        }
        guard let text = value.scalar?.text else {
            throw TemplateError(.missingPath, label, "a path is text, and this is \(value.kindInWords)")
        }
        if let location = TemplateLocation(url: text) {
            guard case .map = property.form else { return }
            references.append(
                TemplateReference(
                    path: place, work: .location(location), form: property.form, label: label))
            return
        }
        if isRemote(text) {
            // Only templates are fetched by their address.
            guard property.form != .template, !property.isAddition else { return }
            throw TemplateError(
                .missingPath, label, "\(Printable.text(text)) is no object of S3 by its name",
                hint: "write s3://bucket/key, or the path of a file or directory")
        }
        if property.isAddition, !takesAdditions {
            note("\(property.name) of \(owner)", text, value)
            return
        }
        try local(text, property, place, label)
    }

    private mutating func local(
        _ text: String, _ property: PackagedProperty, _ path: [TemplateStep], _ label: String
    ) throws(TemplateError) {
        let (target, kind) = resolve(text)
        let work: TemplateReference.Work
        switch (kind, property.form) {
        case (.file, .template): work = .template(target, name: nestedName(text))
        case (_, .template): throw missing(label, text, target, kind, wanted: "template")
        case (.directory, _): work = .artifact(.zip(target))
        case (.file, _):
            work = .artifact(property.zipsFiles && !ZipEnd.ends(target) ? .zip(target) : .file(target))
        case (nil, _): throw missing(label, text, target, kind, wanted: "file or directory")
        }
        references.append(TemplateReference(path: path, work: work, form: property.form, label: label))
    }

    /// Code that is not named is the template's own directory, or what `Globals` names for functions of SAM.
    private mutating func implied(
        _ property: PackagedProperty, _ path: [TemplateStep], _ label: String, in properties: YAMLNode
    ) throws(TemplateError) {
        var target = document.directory
        if property.type == "AWS::Serverless::Function",
            let shared = document.root.mapping?["Globals"]?.mapping?["Function"]?.mapping?["CodeUri"]
        {
            guard !isFunction(shared), let text = shared.scalar?.text, !shared.isNull, !isRemote(text) else {
                return
            }
            let (place, kind) = resolve(text)
            guard kind != nil else {
                throw missing(
                    document.place(shared.useRange) + ": CodeUri of Globals.Function", text, place, kind,
                    wanted: "file or directory")
            }
            target = place
        }
        if target == document.directory {
            notes.append("\(label) is missing: the template's own directory is packaged for it")
        }
        references.append(
            TemplateReference(
                path: path, work: .artifact(.zip(target)), form: property.form, label: label))
    }

    private mutating func note(_ what: String, _ text: String, _ node: YAMLNode) {
        guard resolve(text).kind != nil else { return }
        notes.append(
            "\(document.place(node.useRange)): \(what) names the local \(Printable.text(text)), "
                + "which is left alone as `aws cloudformation package` does; --all-properties uploads it")
    }

    private func missing(
        _ label: String, _ text: String, _ target: FilePath, _ kind: LocalKind?, wanted: String
    ) -> TemplateError {
        let reason = kind == nil ? LocalKind.absence(of: target) : "is no \(wanted)"
        return TemplateError(
            .missingPath, label, "\(Printable.text(text)) \(reason)",
            hint:
                "expected a \(wanted) at \(Printable.text(target.string)): paths are relative to the template"
        )
    }

    private func nestedName(_ text: String) -> String {
        guard let slash = document.name.lastIndex(of: "/"), !text.hasPrefix("/") else { return text }
        return FilePath(document.name[...slash] + text).lexicallyNormalized().string
    }

    private func resolve(_ text: String) -> (path: FilePath, kind: LocalKind?) {
        guard !text.utf8.contains(0) else { return (document.directory, nil) }
        let path = document.directory.pushing(FilePath(text)).lexicallyNormalized()
        return (path, LocalKind(path))
    }

    private func isRemote(_ text: String) -> Bool {
        TemplateLocation(url: text) != nil || text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// Whether a value is a function of CloudFormation in its short form.
    private func isFunction(_ node: YAMLNode) -> Bool {
        guard let tag = node.tag else { return false }
        return tag != "!" && !tag.hasPrefix("tag:yaml.org,2002:")
    }
}

extension YAMLNode {
    fileprivate func text(is text: String) -> Bool { scalar?.text == text }
}

extension YAMLMapping {
    /// The entries that count: of equal keys the last, as for the AWS CLI and CloudFormation.
    fileprivate var effectiveEntries: [YAMLPair] {
        var places: [String: Int] = [:]
        var result: [YAMLPair] = []
        for entry in entries {
            guard let name = entry.key.scalar?.text else {
                result.append(entry)
                continue
            }
            if let place = places[name] {
                result[place] = entry
            } else {
                places[name] = result.count
                result.append(entry)
            }
        }
        return result
    }
}
