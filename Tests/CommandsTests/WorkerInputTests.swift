import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Input artifacts that are not what they should be: each fails its job alone, in words for the pipeline's owner.
@Suite(.motoServer) struct WorkerInputTests {
    @Test(arguments: [
        ("b'no archive at all'", "in/source is not an archive of a known kind"),
        ("b''", "in/source is not an archive of a known kind"),
        (
            "zipped({'buildspec.yml': spec})[:-20]",
            "in/source: it begins as a zip file, but no directory is at its"
        ),
        ("zipped({})", "YAML file does not exist"),
        ("zipped({'../up': 'x'})", "its entry ../up: its name contains .."),
        ("zipped({'/etc/abs': 'x'})", "its entry /etc/abs: its name is absolute"),
        ("linked('out', '/etc')", "its entry out: it is a link to an absolute path"),
        (
            "linked('buildspec.yml', '/etc/hostname')",
            "its entry buildspec.yml: it is a link to an absolute path"
        ),
        ("zipped({'buildspec.yml': 'x' * 300_000_000})", "more than 250 times as large as the archive"),
        ("zipped({'a' * 300: 'x'})", "a part of its name has more than 255 bytes"),
        ("tarred({'buildspec.yml': spec})", ""),
    ])
    func `an input that cannot be unpacked is told by its place in S3`(body: String, why: String) async throws
    {
        try await WorkerStage.with("worker-input-\(UUID().uuidString.lowercased())") { stage in
            _ = try await stage.moto.boto3(
                """
                import io, tarfile, zipfile
                spec = "version: 0.2\\nphases: {build: {commands: [ls -la]}}"
                def zipped(files):
                    data = io.BytesIO()
                    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as z:
                        for name, text in files.items(): z.writestr(name, text)
                    return data.getvalue()
                def linked(name, target):
                    data = io.BytesIO()
                    with zipfile.ZipFile(data, "w") as z:
                        i = zipfile.ZipInfo(name); i.create_system = 3; i.external_attr = 0o120777 << 16
                        z.writestr(i, target)
                    return data.getvalue()
                def tarred(files):
                    data = io.BytesIO()
                    with tarfile.open(fileobj=data, mode="w:gz") as t:
                        for name, text in files.items():
                            i = tarfile.TarInfo(name); i.size = len(text); t.addfile(i, io.BytesIO(text.encode()))
                    return data.getvalue()
                client("s3").put_object(Bucket=sys.argv[1], Key="in/source", Body=eval(sys.argv[2]))
                """, arguments: [stage.bucket, body])
            try await stage.offer()
            let (answer, _) = try await stage.answer()
            guard !why.isEmpty else {
                #expect(answer.state == "Succeeded", "\(answer)")
                return
            }
            let failure = try #require(answer.failureDetails, "\(answer)")
            #expect(failure.type == "JobFailed")
            #expect(failure.message.contains(why), "\(failure.message)")
            #expect(!failure.message.contains("/staging/"), "\(failure.message)")
        }
    }
}
