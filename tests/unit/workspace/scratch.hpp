// A temporary folder with what tests of paths need beside files: directories and links.
#pragma once
#include "support/scratch.hpp"

namespace thole {

class Scratch : public test::Scratch {
public:
    using test::Scratch::path;
    std::string path(const std::string& name) const { return *this / name; }

    // Makes missing directories, too; gives the path.
    std::string write(const std::string& name, const std::string& content) const {
        test::Scratch::write(name, content);
        return path(name);
    }
    void directory(const std::string& name) const {
        std::filesystem::create_directories(path(name));
    }
    void link(const std::string& target, const std::string& name) const {
        std::filesystem::create_symlink(target, path(name));
    }
};

}  // namespace thole
