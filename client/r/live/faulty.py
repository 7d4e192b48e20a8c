"""A service that fails in the ways a network fails: study `broken` breaks off in the middle of its rows, `busy` asks
to be asked again once, `always-busy` always, `page` answers with a page for people. Prints its address."""

import http.server
import pathlib

HEADER = pathlib.Path(__file__).with_name("rhythms-header.csv").read_bytes()
asked = set()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        study = self.path.split("/")[2] if self.path.startswith("/studies/") else ""
        if self.path == "/healthz":
            self.say(200, "text/plain", b"ok\n")
        elif study == "broken":
            self.send_response(200)
            self.send_header("content-type", "text/csv; charset=utf-8")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(HEADER), HEADER))
            self.close_connection = True
        elif study == "always-busy" or (study == "busy" and study not in asked):
            asked.add(study)
            self.say(503, "text/plain", b"too many streams\n", {"retry-after": "1"})
        elif study == "busy":
            self.say(200, "text/csv; charset=utf-8", HEADER)
        else:
            self.say(200, "text/html", b"<p>Hello</p>")

    def say(self, status, kind, body, more=None):
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": len(body), **(more or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
