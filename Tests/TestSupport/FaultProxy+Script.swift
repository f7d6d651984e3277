extension FaultProxy {
    /// The proxy's program; its arguments are the rules as JSON, the address it forwards to, and the secret key by
    /// which it checks signatures.
    static let script = #"""
        import hashlib, hmac, http.client, http.server, json, random, re, socket, socketserver, struct, sys, threading, time
        import urllib.parse

        rules = json.loads(sys.argv[1])
        upstream = sys.argv[2].removeprefix("http://")
        secret = sys.argv[3]
        log, lock = [], threading.Lock()
        dice = random.Random(20260131)

        def signature_is_right(handler, body):
            header = handler.headers.get("Authorization", "")
            found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=[^/]+/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
                                 r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", header)
            if not found:
                return None
            day, region, service, names, signature = found.groups()
            path, _, query = handler.path.partition("?")
            if service != "s3":
                path = urllib.parse.quote(path, safe="/~")
            values = ["%s:%s\n" % (n, " ".join(",".join(handler.headers.get_all(n, [])).split()))
                      for n in names.split(";")]
            digest = hashlib.sha256(body).hexdigest()
            query = "&".join(sorted(query.split("&")))
            canonical = "\n".join([handler.command, path, query, "".join(values), names, digest])
            stamp = handler.headers["X-Amz-Date"]
            text = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{day}/{region}/{service}/aws4_request",
                              hashlib.sha256(canonical.encode()).hexdigest()])
            key = ("AWS4" + secret).encode()
            for part in [day, region, service, "aws4_request"]:
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == signature

        def hits(rule):
            return "chance" not in rule or dice.random() < rule["chance"]

        def matching(line):
            with lock:
                for rule in rules:
                    if rule.get("times", 1) > 0 and re.search(rule["match"], line) and hits(rule):
                        rule["times"] = rule.get("times", 1) - 1
                        return rule
            return None

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, headers, body, rule={}):
                text = f"HTTP/1.1 {status} X\r\n"
                for name, value in headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        text += f"{name}: {value}\r\n"
                length = next((v for n, v in headers if n.lower() == "content-length"), len(body))
                self.wfile.write((text + f"Content-Length: {length}\r\n\r\n").encode())
                if "cut" in rule:
                    self.wfile.write(body[:rule["cut"]])
                    self.wfile.flush()
                    self.close_connection = True
                elif rule.get("flood"):
                    try:
                        while True:
                            self.wfile.write(body)
                    except OSError:
                        self.close_connection = True
                elif "drip" in rule:
                    for index in range(len(body)):
                        self.wfile.write(body[index:index + 1])
                        time.sleep(rule["drip"])
                else:
                    self.wfile.write(body)

            def handle_one(self):
                if self.path == "/__log":
                    with lock:
                        return self.answer(200, [], json.dumps(log).encode())
                rule = matching(f"{self.command} {self.path}")
                if rule and rule.get("early"):
                    self.close_connection = True
                    return self.answer(rule["status"], rule.get("headers", {}).items(), b"")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                entry = {"method": self.command, "path": self.path, "length": len(body),
                         "sha256": hashlib.sha256(body).hexdigest(),
                         "headers": {n.lower(): v for n, v in self.headers.items()},
                         "body": body.decode("utf-8", "replace") if len(body) < 4096 else "",
                         "signatureIsRight": signature_is_right(self, body)}
                with lock:
                    log.append(entry)
                self.obey(rule, body)

            def obey(self, rule, body):
                rule = rule or {}
                if rule.get("drop"):
                    self.close_connection = True
                elif rule.get("reset"):
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                elif rule.get("silence"):
                    time.sleep(rule["silence"])
                    self.close_connection = True
                elif rule.get("stall"):
                    self.connection.recv(1)
                    self.close_connection = True
                elif "status" in rule:
                    self.answer(rule["status"], list(rule.get("headers", {}).items()),
                                rule.get("body", "").encode(), rule)
                elif upstream:
                    connection = http.client.HTTPConnection(upstream)
                    connection.request(self.command, self.path, body, dict(self.headers.items()))
                    response = connection.getresponse()
                    data = response.read()
                    fields = [(n, "AAAAAA==" if n.lower() == rule.get("spoil") else v)
                              for n, v in response.getheaders()]
                    if rule.get("swallow"):
                        self.close_connection = True
                    else:
                        self.answer(response.status, fields, data, rule)
                else:
                    self.answer(200, [], b"")

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 64

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """#
}
