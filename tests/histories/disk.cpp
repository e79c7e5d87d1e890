#include "histories/disk.hpp"

#include <nettle/sha1.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace thole::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& names() {
    static const std::vector<std::string> all = {
        "a.txt", "b.txt", "c d.txt", "dir/e.txt", "dir/f.txt", "dir/deep/g.txt", "h", "link"};
    return all;
}

std::string fresh_bytes(Random& random, const std::string& mark) {
    static std::atomic<unsigned long> number = 0;
    std::string text = mark + " " + std::to_string(++number) + "\n";
    if (once_in(random, 8)) text.push_back('\0');
    for (int lines = below(random, 6); lines > 0; --lines) text += "line\n";
    return text;
}

// A file in place of a folder, or of a folder above, goes first.
void make_way(const fs::path& file) {
    std::error_code gone;
    if (fs::is_symlink(fs::symlink_status(file, gone)) || fs::is_directory(file, gone)) {
        fs::remove_all(file, gone);
    }
    for (fs::path above = file.parent_path(); above.has_relative_path();
         above = above.parent_path()) {
        fs::file_status status = fs::symlink_status(above, gone);
        if (fs::is_directory(status)) break;
        if (fs::exists(status)) fs::remove(above, gone);
    }
    fs::create_directories(file.parent_path(), gone);
}

}  // namespace

std::string bytes_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& file, const std::string& bytes) {
    make_way(file);
    std::ofstream(file, std::ios::binary) << bytes;
}

Contents contents_of(const std::string& folder) {
    Contents contents;
    std::error_code failed;
    for (auto at = fs::recursive_directory_iterator(folder, failed);
         at != fs::recursive_directory_iterator(); at.increment(failed)) {
        if (at->path().filename() == ".git") {
            at.disable_recursion_pending();
            continue;
        }
        std::string name = at->path().string().substr(folder.size() + 1);
        struct stat facts {};
        if (::lstat(at->path().c_str(), &facts) != 0) continue;
        if (S_ISLNK(facts.st_mode))
            contents[name] = "link " + fs::read_symlink(at->path()).string();
        if (!S_ISREG(facts.st_mode)) continue;
        contents[name] = std::to_string(facts.st_mode & 07777) + " " + bytes_of(at->path());
    }
    return contents;
}

std::string blob_id(const std::string& bytes) {
    std::string all = "blob " + std::to_string(bytes.size()) + '\0' + bytes;
    sha1_ctx context;
    sha1_init(&context);
    sha1_update(&context, all.size(), reinterpret_cast<const std::uint8_t*>(all.data()));
    std::uint8_t digest[SHA1_DIGEST_SIZE];
    sha1_digest(&context, sizeof digest, digest);
    std::string id;
    for (std::uint8_t byte : digest) {
        id += "0123456789abcdef"[byte >> 4];
        id += "0123456789abcdef"[byte & 15];
    }
    return id;
}

void change_something(Random& random, const std::string& folder, const std::string& mark) {
    const std::string& name = names()[static_cast<std::size_t>(below(random, 8))];
    std::string path = folder + "/" + name;
    std::error_code ignored;
    switch (below(random, 8)) {
        case 0:
            fs::remove_all(path, ignored);
            break;
        case 1: {
            std::string target = path + ".moved";
            if (fs::is_regular_file(fs::symlink_status(path, ignored))) fs::rename(path, target);
            break;
        }
        case 2:
            if (fs::is_regular_file(fs::symlink_status(path, ignored))) {
                ::chmod(path.c_str(), once_in(random, 2) ? 0755 : 0644);
            }
            break;
        case 3:
            make_way(path);
            fs::remove(path, ignored);
            fs::create_symlink(once_in(random, 2) ? "a.txt" : "/nowhere/at/all", path, ignored);
            break;
        case 4:
            write_bytes(folder + "/new-" + mark + std::to_string(below(random, 3)),
                        fresh_bytes(random, mark));
            break;
        default:
            write_bytes(path, fresh_bytes(random, mark));
    }
}

}  // namespace thole::test
