#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "async/confinement.hpp"
#include "async/descriptor.hpp"

namespace thole::async {

namespace {

class Probe {
public:
    Probe(std::string folder, pid_t outsider)
        : folder_(std::move(folder)), file_(folder_ + "/file"), outsider_(outsider) {}

    // 0 when everything is as it must be.
    int run() {
        try_to_write();
        try_to_rearrange();
        try_to_reach_out();
        must("read a file", reads());
        must("write to /dev/null", opens("/dev/null", O_WRONLY | O_CREAT | O_TRUNC) >= 0);
        if (is_held_) std::puts("held");
        return is_held_ ? 0 : 1;
    }

private:
    static int opens(const std::string& path, int flags) {
        Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
        return file.fd();
    }
    static int connects(int family, int type) {
        Descriptor socket(::socket(family, type | SOCK_CLOEXEC, 0));
        return socket.fd();
    }

    void try_to_write() {
        must_not("write to a file", opens(file_, O_WRONLY));
        must_not("empty a file", opens(file_, O_RDONLY | O_TRUNC));
        must_not("truncate a file", ::truncate(file_.c_str(), 1));
        must_not("create a file", opens(folder_ + "/new", O_RDWR | O_CREAT));
        must_not("change the mode of a file", ::chmod(file_.c_str(), 0640));
        must_not("change the times of a file", ::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0));
    }
    void try_to_rearrange() {
        std::string other = folder_ + "/other";
        must_not("make a folder", ::mkdir(other.c_str(), 0700));
        must_not("make a symbolic link", ::symlink("file", other.c_str()));
        must_not("make a link", ::link(file_.c_str(), other.c_str()));
        must_not("rename a file", ::rename(file_.c_str(), other.c_str()));
        must_not("remove a file", ::unlink(file_.c_str()));
    }
    // Signal 0 is checked as any other is, and does nothing.
    void try_to_reach_out() {
        must_not("use the network", connects(AF_INET, SOCK_STREAM));
        must_not("send to a unix socket", connects(AF_UNIX, SOCK_DGRAM));
        must_not("send a signal", ::kill(outsider_, 0));
    }

    bool reads() const {
        Descriptor file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
        std::array<char, 16> text{};
        return ::read(file.fd(), text.data(), text.size()) > 0;
    }

    void must_not(const char* what, int result) {
        bool is_refused = result < 0 && (errno == EROFS || errno == EACCES || errno == EPERM);
        if (!is_refused) complain(std::string("a program can still ") + what);
    }
    void must(const char* what, bool succeeds) {
        if (!succeeds) complain(std::string("a program cannot even ") + what);
    }
    void complain(const std::string& fault) {
        is_held_ = false;
        std::puts(fault.c_str());
    }

    std::string folder_, file_;
    pid_t outsider_;
    bool is_held_ = true;
};

}  // namespace

void probe_if_asked(int argc, char** argv) {
    if (argc != 4 || std::strcmp(argv[1], probe_word) != 0) return;
    int code = Probe(argv[2], std::atoi(argv[3])).run();
    std::exit(code);
}

}  // namespace thole::async
