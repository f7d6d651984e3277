import BuildProject
import Testing

@Suite struct ProjectArtifactsTests {
    struct Row: Sendable {
        var path = ""
        var namespace = ProjectArtifacts.NamespaceType.none
        var name = "a.zip"
        var prefix: String?
        var key: String
    }

    /// The table of the behaviour reference, section 6.4, for zips.
    static let rows: [Row] = [
        Row(key: "a.zip"),
        Row(path: "p", key: "p/a.zip"),
        Row(path: "p", namespace: .buildID, key: "p/uuid/a.zip"),
        Row(namespace: .buildID, key: "uuid/a.zip"),
        Row(path: "/p/q/", key: "p/q/a.zip"),
        Row(path: "//p//", name: "/n//a.zip/", key: "p/n/a.zip"),
        Row(name: "x/y.zip", key: "x/y.zip"),
        Row(path: "p", namespace: .buildID, prefix: "s3/pre/", key: "s3/pre/p/uuid/a.zip"),
        Row(path: "p", prefix: "ignored", key: "p/a.zip"),
        Row(name: "/", key: ""),
        Row(name: "no-extension", key: "no-extension"),
    ]

    @Test(arguments: rows.indices)
    func `keys follow the table`(index: Int) {
        let row = Self.rows[index]
        var artifacts = ProjectArtifacts(name: "unused")
        artifacts.path = row.path
        artifacts.namespaceType = row.namespace
        #expect(artifacts.key(name: row.name, buildID: "uuid", s3Prefix: row.prefix) == row.key)
    }

    @Test func `a project without definition takes every secondary artifact`() {
        var project = BuildProject(defaultsNamed: "app")
        #expect(project.artifacts.name == "app.zip")
        #expect(project.secondaryArtifact("site")?.name == "site.zip")
        project.secondaryArtifacts = [ProjectArtifacts(name: "x", identifier: "known")]
        #expect(project.secondaryArtifact("site") == nil)
        #expect(project.secondaryArtifact("known")?.name == "x")
    }
}
