import SystemPackage
import TestSupport
import Testing

@testable import Archiving

/// Trees that are large enough that a second thread reads directories ahead.
struct ManyDirectoriesTests {
    /// Sixty directories with others in them, some of them empty, and names that sort around the slash.
    private static let site = """
        seq 60 | sed 's|.*|d&/inner/deep d&/inner-dash d&/node_modules/pkg d&.x d&/empty|' | xargs mkdir -p
        seq 60 | sed 's|.*|d&/a.txt d&/inner/b.txt d&/inner/deep/c.txt d&/inner.txt d&/inner-dash/d.txt|' | xargs touch
        seq 60 | sed 's|.*|d&/node_modules/pkg/e.txt d&.x/f.txt|' | xargs touch
        mkdir -p .buildspec/private && touch .buildspec/private/log
        seq 200 | sed 's|.*|wide/w&|' | xargs mkdir -p; seq 200 | sed 's|.*|wide/w&/g.txt|' | xargs touch
        """

    @Test(arguments: [
        ([], "-type f -not -path './.buildspec/*'"),
        (["**/node_modules/**"], "-type f -not -path './.buildspec/*' -not -path '*/node_modules/*'"),
        (
            ["wide/**", "d1*/**"],
            "-type f -not -path './.buildspec/*' -not -path './wide/*' -not -path './d1*'"
        ),
    ])
    func `what is selected is what find finds, in byte order`(exclude: [String], find: String) throws {
        let tree = try BuildTree(Self.site)
        let names = try tree.names("**/*", exclude: exclude)
        let found = try tree.scratch.sh(
            """
            cd root/codebuild/output/src123/src
            find . \(find) | cut -c3- | LC_ALL=C sort
            """)
        #expect(names.count > 60)
        #expect(names.map { $0 + "\n" }.joined() == found)
    }

    @Test func `links to directories are followed where they stand`() throws {
        let tree = try BuildTree(Self.site + "\nfor i in $(seq 40); do ln -s ../d$i wide/link$i; done")
        let names = try tree.names("wide/**/*", exclude: ["**/node_modules/**"])
        #expect(names.count == 200 + 40 * 5)
        #expect(names == names.sorted { EntryName($0) < EntryName($1) })
    }

    @Test(arguments: [1, 30, 200, 700])
    func `a limit ends a walk wherever it is`(limit: Int) throws {
        let tree = try BuildTree(Self.site)
        var limits = SelectionLimits()
        limits.visitedNames = limit
        let error = try #require(throws: ArchivingError.self) {
            _ = try tree.select(ArtifactSelectionRequest(patterns: ["**/*"]), limits: limits)
        }
        #expect(error.code == .limitExceeded)
    }

    @Test func `directories that vanish while others are read are left out`() async throws {
        let tree = try BuildTree(Self.site)
        async let removed: Void = Task.detached {
            _ = try tree.scratch.sh("cd root/codebuild/output/src123/src && rm -rf wide d5*")
        }.value
        for _ in 0..<8 {
            let names = try tree.names("**/*")
            #expect(names.contains("d1/inner/deep/c.txt"))
        }
        try await removed
        #expect(try tree.names("**/*").count == 49 * 7)
    }
}
