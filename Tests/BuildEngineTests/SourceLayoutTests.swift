import BuildEngine
import SystemPackage
import Testing

@Suite("Where sources of repositories lie")
struct SourceLayoutTests {
    @Test(
        "the directory is named by host and path, as in the cloud",
        arguments: [
            ("https://github.com/team/app.git", "github.com/team/app"),
            (
                "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/shop",
                "git-codecommit.eu-central-1.amazonaws.com/v1/repos/shop"
            ),
            ("git@bitbucket.org:team/app.git", "bitbucket.org/team/app"),
            ("ssh://git@example.com:2222/a/b", "example.com/a/b"),
            ("http://127.0.0.1:8080/a.git", "127.0.0.1/a"),
            ("file:///srv/a.git", nil), ("/srv/a.git", nil), ("https://example.com/../a", nil),
            ("https://example.com/a b", nil), ("https://example.com", nil),
        ] as [(String, String?)])
    func layout(url: String, path: String?) {
        #expect(GitSource(url: url).layout?.string == path)
    }

    @Test("what a version means stays with the source that is fetched")
    func plan() {
        var git = GitSource(url: "https://github.com/team/app.git")
        git.version = "pr/7"
        let plan = SourcePlan(fetching: .git(git))
        #expect(plan.version == "pr/7")
        #expect(plan.repositoryURL == "https://github.com/team/app.git")
        #expect(
            SourcePlan(fetching: .object(bucket: "b", key: "k/", versionID: nil)).repositoryURL == "s3://b/k/"
        )
    }
}
