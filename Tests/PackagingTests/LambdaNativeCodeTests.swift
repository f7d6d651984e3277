import Packaging
import TestSupport
import Testing

struct LambdaNativeCodeTests {
    /// Writes the heads of ELF files of some machines.
    private static let elf = """
        elf() { printf '\\177ELF\\002\\001\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\003\\000'"$1"'\\000more' > "$2"; }
        """

    @Test func `reports native code for another architecture`() throws {
        let app = try LambdaApp(
            "\(Self.elf); mkdir lib; elf '\\076' lib/a.so; elf '\\267' lib/b.so; printf '\\317\\372\\355\\376xx' > c.so; touch d.so"
        )
        let error = try app.refusal(LambdaChecks(architecture: .x86_64))
        #expect(error.code == .wrongArchitecture)
        #expect(error.description.contains("lib/b.so is for arm64"))
        #expect(error.description.contains("c.so is for macOS"))
        #expect(!error.description.contains("a.so") && !error.description.contains("d.so"))
        #expect(try app.package().warnings.first?.contains("--architecture") == true)
    }

    @Test func `takes packages that have native code for each architecture`() throws {
        let app = try LambdaApp(
            "\(Self.elf); mkdir linux-x64 linux-arm64; elf '\\076' linux-x64/a.node; elf '\\267' linux-arm64/a.node"
        )
        try app.package(LambdaChecks(architecture: .arm64))
        try app.package(LambdaChecks(architecture: .x86_64))
    }

    /// What prebuildify and wheels lay side by side: the program takes the one that suits.
    @Test func `native code for other systems may lie beside the suitable one`() throws {
        let app = try LambdaApp(
            """
            \(Self.elf); fat() { printf '\\312\\376\\272\\276\\000\\000\\000\\002\\001more' > "$1"; }
            cd "$(mkdir -p p/prebuilds; echo p/prebuilds)"; mkdir darwin-x64+arm64 linux-x64 linux-arm64 linux-arm
            fat darwin-x64+arm64/node.napi.node; elf '\\076' linux-x64/node.napi.glibc.node
            elf '\\076' linux-x64/node.napi.musl.node; elf '\\267' linux-arm64/node.napi.armv8.node
            elf '\\050' linux-arm/node.napi.armv7.node; cd ../..
            elf '\\076' _x.cpython-313-x86_64-linux-gnu.so; fat _x.cpython-313-darwin.so
            """)
        try app.package(LambdaChecks(architecture: .x86_64))
        try app.scratch.sh("rm app/_x.cpython-313-x86_64-linux-gnu.so x.zip")
        let error = try app.refusal(LambdaChecks(architecture: .x86_64))
        #expect(error.description.contains("_x.cpython-313-darwin.so is for macOS"))
        #expect(!error.description.contains("prebuilds"))
    }

    @Test func `native code that Lambda cannot run at all is told without a wish`() throws {
        let app = try LambdaApp(
            """
            printf '\\312\\376\\272\\276\\000\\000\\000\\002\\001more' > a.so
            printf '\\312\\376\\272\\276\\000\\000\\000\\075\\001more' > A.class
            """)
        #expect(try app.package().warnings == ["a.so is for macOS, which Lambda does not run"])
    }

    @Test(arguments: ["x86_64", "arm64"])
    func `libraries for several systems are taken beside the suitable one`(architecture: String) throws {
        let app = try LambdaApp(
            Self.elf + "\n" + """
                lay() { mkdir -p "$(dirname "$2")"; elf "$1" "$2"; }
                mach() { mkdir -p "$(dirname "$1")"; printf '\\317\\372\\355\\376more-and-more-and-more' > "$1"; }
                for r in linux-x64:076 linux-arm64:267 linux-armel:050 linux-mips64:010; do
                    lay "\\\\${r#*:}" runtimes/${r%:*}/native/libe_sqlite3.so; done
                for r in osx-x64 osx-arm64 maccatalyst-arm64; do mach runtimes/$r/native/libe_sqlite3.dylib; done
                lay '\\076' bin/napi-v3/linux/x64/libonnxruntime.so.1.20.1
                lay '\\267' bin/napi-v3/linux/arm64/libonnxruntime.so.1.20.1
                mach bin/napi-v3/darwin/x64/libonnxruntime.1.20.1.dylib
                lay '\\076' libquery_engine-rhel-openssl-3.0.x.so.node
                lay '\\267' libquery_engine-linux-arm64-openssl-3.0.x.so.node
                mach libquery_engine-darwin-arm64.dylib.node
                """)
        let summary = try app.package(LambdaChecks(architecture: LambdaArchitecture(rawValue: architecture)))
        #expect(summary.entryCount == 13)
    }
}
