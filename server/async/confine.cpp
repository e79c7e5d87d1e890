#include "async/confine.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "async/confine_filter.hpp"

namespace thole::async {

namespace {

// What <linux/landlock.h> of older systems does not know yet, by the ABI that brought it.
constexpr std::uint64_t refer = 1U << 13U;                                // 2
constexpr std::uint64_t truncate = 1U << 14U;                             // 3
constexpr std::uint64_t ioctl_dev = 1U << 15U;                            // 5
constexpr std::uint64_t bind_tcp = 1U << 0U, connect_tcp = 1U << 1U;      // 4
constexpr std::uint64_t abstract_sockets = 1U << 0U, signals = 1U << 1U;  // 6

struct RulesetAttributes {
    std::uint64_t files = 0, network = 0, scopes = 0;
};

constexpr RulesetAttributes all_that_changes(int abi) {
    RulesetAttributes all;
    all.files = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (abi >= 2) all.files |= refer;
    if (abi >= landlock_knows_truncation) all.files |= truncate;
    if (abi >= 4) all.network = bind_tcp | connect_tcp;
    if (abi >= 5) all.files |= ioctl_dev;
    if (abi >= landlock_scopes_signals) all.scopes = abstract_sockets | signals;
    return all;
}

Error lacks(const std::string& what) {
    return fail(Code::unavailable, what);
}

Error landlock_fault(const char* step, int error) {
    return lacks("Landlock cannot be used: " + std::string(step) + ": " + std::strerror(error));
}

// A device that is missing is not allowed, and that is all.
Result<void> allow(int ruleset, const char* device, std::uint64_t rights) {
    Descriptor file(::open(device, O_PATH | O_CLOEXEC));
    if (!file.is_open()) return {};
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights;
    rule.parent_fd = file.fd();
    long done = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    if (done != 0) return landlock_fault("adding a rule", errno);
    return {};
}

Result<void> restrict_files(int abi) {
    RulesetAttributes attributes = all_that_changes(abi);
    Descriptor ruleset(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    if (!ruleset.is_open()) return landlock_fault("making a ruleset", errno);
    std::uint64_t of_device = attributes.files & (ioctl_dev | truncate);
    for (const char* sink : {"/dev/null", "/dev/zero", "/dev/full"}) {
        Result<void> added = allow(ruleset.fd(), sink, LANDLOCK_ACCESS_FS_WRITE_FILE | of_device);
        if (!added) return added;
    }
    if (::syscall(SYS_landlock_restrict_self, ruleset.fd(), 0) != 0) {
        return landlock_fault("restricting a process", errno);
    }
    return {};
}

// A dump of a crash is a file, or wakes a program outside; a limit of 1 byte prevents both.
void dump_no_core() {
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

Result<int> landlock_abi() {
    long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi > 0) return static_cast<int>(abi);
    if (errno == EOPNOTSUPP) return lacks("Landlock is switched off in this kernel");
    if (errno == EPERM || errno == EACCES) return lacks("Landlock is forbidden here");
    return lacks("this kernel has no Landlock");
}

std::string confinement_name(int abi) {
    return "Landlock ABI " + std::to_string(abi) + " and seccomp";
}

Result<Descriptor> confine(int abi) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return lacks("this kernel cannot deny new privileges");
    }
    dump_no_core();
    Result<void> files = restrict_files(abi);
    if (!files) return files.error();
    return load_filter(abi);
}

}  // namespace thole::async
