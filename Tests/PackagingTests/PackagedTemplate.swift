import SystemPackage
import TestSupport

@testable import Packaging

extension TemplatePackage {
    /// Packages a template of a scratch directory, in which `scratch` takes the zips on their way.
    static func package(
        _ name: String, in scratch: Scratch, into store: any TemplateStore, memory: CodeMemory? = nil,
        options: Options = Options()
    ) async throws -> Result {
        let template = try TemplatePackage(scratch.path.appending(name), named: name, options: options)
        return try await template.readingCode(memory: memory) { reading in
            try await template.package(
                into: store, reading: reading, scratch: scratch.path.appending("scratch"))
        }
    }
}
