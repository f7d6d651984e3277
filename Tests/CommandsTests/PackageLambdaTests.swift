import Glibc
import SystemPackage
import TestSupport
import Testing

struct PackageLambdaTests {
    @Test(arguments: ["077 600", "022 644", "002 664"])
    func `results have the permissions that the user's mask leaves, or what they had`(
        mask: String
    ) async throws {
        let parts = mask.split(separator: " ").map(String.init)
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                umask \(parts[0]); mkdir f; echo 1 > f/a; : > old.zip; chmod 640 old.zip
                "$0" package lambda f -o new.zip; "$0" package lambda f -o old.zip
                "$0" package image-definitions web=a:1 -o new.json
                stat -c %a new.zip old.zip new.json > modes
                """, project.binary.executable.string)
            let modes = String(decoding: try project.scratch.read("app/modes"), as: UTF8.self)
            #expect(modes == "\(parts[1])\n640\n\(parts[1])\n")
        }
    }

    @Test func `a zip is the same on one processor and on all, from another path and with other times`()
        async throws
    {
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                set -e
                mkdir -p f/lib
                for n in $(seq 60); do seq $n $((n * 700)) > f/lib/m$n.py; done
                seq 1 900000 > f/long; head -c 300000 /dev/urandom > f/noise; : > f/empty
                printf '#!/bin/sh\\n' > f/start; chmod +x f/start; ln -s lib/m1.py f/link
                mkdir -p g/h; cp -R -P f g/h/; find g -exec touch -h -d 2001-02-03 {} +
                first=$(taskset -pc $$ | sed 's/.*: //; s/[-,].*//'); last=$(taskset -pc $$ | sed 's/.*[-,: ]//')
                taskset -c "$first" "$0" package lambda f -o one.zip
                taskset -c "$last" "$0" package lambda g/h/f -o two.zip
                "$0" package lambda f -o three.zip
                "$0" package lambda g/h/f -o four.zip
                sha256sum one.zip two.zip three.zip four.zip | cut -c1-64 | sort -u | wc -l > kinds
                unzip -tqq one.zip
                """, project.binary.executable.string)
            #expect(String(decoding: try project.scratch.read("app/kinds"), as: UTF8.self) == "1\n")
        }
    }

    @Test(.filesWithoutNames) func `a run that is killed leaves nothing, and another one sees nothing of it`()
        async throws
    {
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                mkdir f; seq 1 3000000 > f/a
                "$0" package lambda f -o f/x.zip --level 12 & runner=$!
                sleep 0.3
                "$0" package lambda f --list -o f/y.zip > names
                kill -9 $runner; wait $runner || ls -A f > left
                """, project.binary.executable.string)
            #expect(String(decoding: try project.scratch.read("app/names"), as: UTF8.self) == "a\n")
            #expect(String(decoding: try project.scratch.read("app/left"), as: UTF8.self) == "a\n")
        }
    }

    @Test(arguments: [
        ["--layer", "python", "--runtime", "nodejs22.x"], ["--layer", "ruby", "--runtime", "python3.13"],
        ["--layer", "python", "--handler", "app.handler"], ["--runtime", "nodejs22"],
    ])
    func `what contradicts itself is the caller's mistake`(options: [String]) async throws {
        try await withProject { project in
            try project.scratch.write("1", to: "app/f/a.py")
            let result = try await project.buildspec(["package", "lambda", "f", "-o", "x.zip"] + options)
            #expect(result.status == 2, "\(result.standardError)")
            #expect(
                try await project.buildspec(
                    ["package", "lambda", "f", "-o", "x.zip", "--layer", "bin", "--runtime", "python3.13"])
                    .status == 0)
        }
    }

    @Test(arguments: ["d", "d/", "new/", "", "."])
    func `a result is no directory`(output: String) async throws {
        try await withProject { project in
            try project.scratch.write("1", to: "app/f/a.py")
            try project.scratch.write("1", to: "app/d/x")
            try project.scratch.write("Resources: {}\n", to: "app/t.yaml")
            for command in [
                ["lambda", "f"], ["template", "t.yaml", "--s3-bucket", "b"], ["image-definitions", "a=b:1"],
                ["image-detail", "a:1"],
            ] {
                let result = try await project.buildspec(["package"] + command + ["-o", output])
                #expect(result.status == 2 && result.standardError.contains("is a directory"), "\(result)")
            }
            // An unset variable of a script is not the working directory.
            let unset = try await project.buildspec(["package", "lambda", "", "-o", "x.zip"])
            #expect(unset.status == 2 && unset.standardError.contains("name is empty"), "\(unset)")
            #expect(try project.files(below: "app") == ["d/x", "f/a.py", "t.yaml"])
        }
    }

    @Test func `a file that is written to all the time is refused, or packed whole`() async throws {
        try await withProject { project in
            let outcome = try await project.tool(
                "/bin/sh", "-c",
                #"""
                mkdir f; head -c 1000000 /dev/zero > f/state
                python3 -c 'if True:
                    import os
                    state, byte = os.open("f/state", os.O_WRONLY), 0
                    while True: byte = (byte + 1) % 256; os.pwrite(state, bytes([byte]) * 1000000, 0)' &
                for run in 1 2 3 4 5 6 7 8 9 10 11 12; do
                    rm -f x.zip
                    "$0" package lambda f -o x.zip --level 1 2> told || { tail -n 1 told; continue; }
                    unzip -p x.zip state | python3 -c 'import sys; print(len(set(sys.stdin.buffer.read())), "kind(s)")'
                done
                kill $!
                """#, project.binary.executable.string)
            let lines = outcome.standardOutput.split(separator: "\n")
            #expect(lines.count == 12)
            let torn = lines.filter { line in
                line != "1 kind(s)" && !line.contains("package again when nothing writes there")
            }
            // A busy machine may hold a write up for longer than is waited; unwatched, eight or nine of them are torn.
            #expect(torn.count <= 4, "\(lines)")
        }
    }

    @Test func `a directory for the result that is missing is told before anything is asked or stored`()
        async throws
    {
        try await withProject { project in
            try project.scratch.write("1", to: "app/f/a.py")
            try project.scratch.write("1", to: "app/d")
            try project.scratch.write(
                "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: f}}}\n",
                to: "app/t.yaml")
            // Nobody listens there.
            let place = [
                "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-central-1",
                "AWS_ACCESS_KEY_ID": "made",
                "AWS_SECRET_ACCESS_KEY": "up",
            ]
            for command in [
                ["lambda", "f"], ["template", "t.yaml", "--s3-bucket", "b"], ["image-detail", "a:1"],
            ] {
                for output in ["new/x", "d/x"] {
                    let result = try await project.buildspec(
                        ["package"] + command + ["-o", output], environment: place)
                    #expect(result.status == 3, "\(result)")
                    #expect(result.standardError.contains("app/\(output): N"), "\(result)")
                    #expect(result.standardError.contains("make its directory, or name another"), "\(result)")
                }
            }
            #expect(try project.files(below: "app") == ["d", "f/a.py", "t.yaml"])
        }
    }

    @Test func `what cannot be packaged is told from the directory, and what cannot be written by its name`()
        async throws
    {
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                mkdir f; echo 1 > f/a.py; seq 1 100000 > f/b; cd f
                for output in /dev/full; do "$0" package lambda . -o $output 2>&1; done | tee ../told
                "$0" package lambda gone -o x.zip 2>> ../told; "$0" package lambda a.py -o x.zip 2>> ../told; true
                """, project.binary.executable.string)
            let told = String(decoding: try project.scratch.read("app/told"), as: UTF8.self)
            #expect(told.contains("cannot write /dev/full: No space left on device"), "\(told)")
            #expect(told.contains("gone: No such file or directory"), "\(told)")
            #expect(told.contains("a.py: it is not a directory"), "\(told)")
        }
    }

    @Test func `patterns that take nothing are told, with a list too`() async throws {
        try await withProject { project in
            try project.scratch.write("1", to: "app/f/a.py")
            for output in [["--list"], ["-o", "x.zip"]] {
                let result = try await project.buildspec(
                    ["package", "lambda", "f", "--include", "a.py", "--include", "gone/*"] + output)
                #expect(result.status == 0)
                #expect(result.standardError.contains("warning: ") && result.standardError.contains("gone/*"))
            }
        }
    }
}
