import Diagnostics
import YAMLTree

extension SectionReader<TopLevelKey> {
    /// `batch`; nil when not given or null.
    func batch() -> Batch? {
        guard let section = section(.batch, BatchKey.self) else { return nil }
        let batch = Batch(fastFail: section.boolean(.fastFail), kind: section.kind())
        if BatchKey.kinds.allSatisfy({ section.pair($0) == nil }), !section.hasUnknownKeys,
            let key = pair(.batch)?.key
        {
            report.add(
                .emptySection,
                "batch has no builds: it takes one of \(BatchKey.kinds.map(\.rawValue).joined(separator: ", "))",
                at: key.useRange)
        }
        return batch
    }
}

extension SectionReader<BatchKey> {
    fileprivate func kind() -> Batch.Kind? {
        let given = BatchKey.kinds.filter { value($0) != nil }
        guard let first = given.first else { return nil }
        if given.count > 1 {
            let names = BatchKey.kinds.map(\.rawValue).joined(separator: ", ")
            report.add(
                .exclusiveKeys, "batch takes exactly one of \(names)", at: pair(given[1])?.key.useRange,
                notes: [Diagnostic.Note("the other one is here", at: pair(first)?.key.useRange)])
        }
        switch first {
        case .buildGraph: return .graph(graph())
        case .buildList: return .list(list())
        case .buildMatrix: return section(.buildMatrix, MatrixKey.self).map { .matrix($0.matrix()) }
        case .buildFanout: return fanout()
        case .fastFail: return nil
        }
    }

    private func graph() -> [Batch.Build] {
        let builds = sections(.buildGraph, GraphBuildKey.self).compactMap { $0.build() }
        report.checkIdentifiers(builds)
        report.checkDependencies(builds)
        return builds
    }

    private func list() -> [Batch.Build] {
        let builds = sections(.buildList, ListBuildKey.self).compactMap { $0.build() }
        report.checkIdentifiers(builds)
        return builds
    }

    private func fanout() -> Batch.Kind? {
        guard let section = section(.buildFanout, FanoutKey.self) else { return nil }
        let ignoreFailure = section.boolean(.ignoreFailure)
        guard section.text(.parallelism) != nil || section.value(.parallelism)?.scalar == nil,
            section.value(.parallelism) != nil
        else {
            report.add(
                .missingKey, "\(section.path(.parallelism)) is missing",
                at: (section.pair(.parallelism) ?? pair(.buildFanout))?.key.useRange)
            return nil
        }
        return section.integer(.parallelism, in: FanoutKey.parallelismRange)
            .map { .fanout(parallelism: $0, ignoreFailure: ignoreFailure) }
    }

    private func sections<Item: SectionKey>(_ key: BatchKey, _: Item.Type) -> [SectionReader<Item>] {
        guard let node = value(key) else { return [] }
        guard let items = node.sequence else {
            report.addWrongKind(
                node, path: path(key), expected: "a list", mend: "begin each build with a dash")
            return []
        }
        return items.enumerated().compactMap { index, item in
            if item.isNull { report.addNullItem(item) }
            return report.section(item, path: "\(path(key))[\(index)]")
        }
    }
}

extension SectionReader<GraphBuildKey> {
    fileprivate func build() -> Batch.Build? {
        guard let identifier = report.identifier(text(.identifier), path: path(.identifier), at: range) else {
            return nil
        }
        var build = Batch.Build(identifier: identifier)
        build.buildspec = text(.buildspec)
        build.debugSession = boolean(.debugSession)
        build.dependOn = texts(.dependOn)
        build.env = section(.env, BatchEnvironmentKey.self)?.environment() ?? build.env
        build.ignoreFailure = boolean(.ignoreFailure)
        return build
    }
}

extension SectionReader<ListBuildKey> {
    fileprivate func build() -> Batch.Build? {
        guard let identifier = report.identifier(text(.identifier), path: path(.identifier), at: range) else {
            return nil
        }
        var build = Batch.Build(identifier: identifier)
        build.buildspec = text(.buildspec)
        build.debugSession = boolean(.debugSession)
        build.env = section(.env, BatchEnvironmentKey.self)?.environment() ?? build.env
        build.ignoreFailure = boolean(.ignoreFailure)
        return build
    }
}

extension SectionReader<BatchEnvironmentKey> {
    fileprivate func environment() -> Batch.BuildEnvironment {
        var environment = Batch.BuildEnvironment()
        environment.computeType = text(.computeType)
        environment.fleet = text(.fleet)
        environment.image = text(.image)
        environment.privilegedMode = boolean(.privilegedMode)
        environment.type = text(.type)
        environment.variables = namedTexts(.variables)
        report.checkNames(environment.variables.map(\.name))
        if environment.computeType != nil, environment.fleet != nil {
            report.add(
                .exclusiveKeys, "\(path(.computeType)) and \(path(.fleet)) exclude each other",
                at: pair(.fleet)?.key.useRange)
        }
        return environment
    }
}

extension SectionReader<MatrixKey> {
    fileprivate func matrix() -> Batch.Matrix {
        var matrix = Batch.Matrix()
        if let fixed = section(.static, MatrixStaticKey.self) {
            matrix.ignoreFailure = fixed.boolean(.ignoreFailure)
            if let environment = fixed.section(.env, MatrixStaticEnvironmentKey.self) {
                matrix.privilegedMode = environment.boolean(.privilegedMode)
                matrix.type = environment.text(.type)
            }
        }
        guard let dynamic = section(.dynamic, MatrixDynamicKey.self) else {
            if pair(.dynamic) == nil, !hasUnknownKeys {
                report.add(
                    .emptySection, "\(path(.dynamic)) is missing: the matrix has one build",
                    at: SourceRange(start: range.start, end: range.start))
            }
            return matrix
        }
        matrix.buildspecs = dynamic.texts(.buildspec)
        guard let environment = dynamic.section(.env, MatrixDynamicEnvironmentKey.self) else { return matrix }
        matrix.computeTypes = environment.texts(.computeType)
        matrix.images = environment.texts(.image)
        matrix.variables = environment.namedNodes(.variables).map { name, node in
            let path = environment.path(.variables) + "/" + name.value
            if node.isEmpty {
                report.add(.emptySection, "\(path) has no values: nothing can be combined", at: name.range)
            }
            return NamedValue(name: name, value: Marked(report.texts(node, path: path), at: node.useRange))
        }
        report.checkNames(matrix.variables.map(\.name))
        return matrix
    }
}
