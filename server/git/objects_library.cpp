#include <git2/sys/repository.h>

#include "git/library.hpp"
#include "git/objects.hpp"

namespace thole::git {
namespace {

using Database = Handle<git_odb, git_odb_free>;
using Repository = Handle<git_repository, git_repository_free>;
using Object = Handle<git_object, git_object_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Diff = Handle<git_diff, git_diff_free>;

std::string text_of(const git_oid& id) {
    char text[GIT_OID_HEXSZ + 1];
    return git_oid_tostr(text, sizeof text, &id);
}

TreeEntry entry_of(const git_diff_file& file) {
    bool is_there = (file.flags & GIT_DIFF_FLAG_EXISTS) != 0 && file.mode != 0;
    return is_there ? TreeEntry{file.mode, text_of(file.id)} : TreeEntry{};
}

TreeChange change_of(const git_diff_delta& delta) {
    TreeChange change{delta.new_file.path, {}, entry_of(delta.old_file), entry_of(delta.new_file)};
    if (delta.status == GIT_DELTA_RENAMED) change.old_path = delta.old_file.path;
    if (delta.status == GIT_DELTA_ADDED) change.before = {};
    if (delta.status == GIT_DELTA_DELETED) change.after = {};
    return change;
}

class LibraryObjects final : public Objects {
public:
    Result<void> open(const Place& place) {
        std::string folder = place.common_dir + "/objects";
        bool is_open = git_odb_open(database_.out(), folder.c_str()) == 0 &&
                       git_repository_wrap_odb(repository_.out(), database_.raw()) == 0;
        if (is_open) return {};
        return library_error("read '" + folder + "'");
    }

    Result<std::vector<TreeChange>> changes(const std::string& from, const std::string& to,
                                            Renames renames) override {
        Result<Object> before = tree_of(from);
        if (!before) return before.error();
        Result<Object> after = tree_of(to);
        if (!after) return after.error();
        Diff diff;
        git_diff_options options;
        git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
        options.flags = GIT_DIFF_INCLUDE_TYPECHANGE;
        auto* old_tree = reinterpret_cast<git_tree*>(before->raw());
        auto* new_tree = reinterpret_cast<git_tree*>(after->raw());
        if (git_diff_tree_to_tree(diff.out(), repository_.raw(), old_tree, new_tree, &options) !=
            0) {
            return library_error("compare " + from + " with " + to);
        }
        git_diff_find_options find;
        git_diff_find_options_init(&find, GIT_DIFF_FIND_OPTIONS_VERSION);
        find.flags = GIT_DIFF_FIND_RENAMES;
        if (renames == Renames::find && git_diff_find_similar(diff.raw(), &find) != 0) {
            return library_error("look for renamed files");
        }
        std::vector<TreeChange> all;
        for (std::size_t i = 0; i < git_diff_num_deltas(diff.raw()); ++i) {
            all.push_back(change_of(*git_diff_get_delta(diff.raw(), i)));
        }
        return all;
    }

    Result<std::uint64_t> size_of(const std::string& blob) override {
        git_oid id;
        std::size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        bool is_read = git_oid_fromstr(&id, blob.c_str()) == 0 &&
                       git_odb_read_header(&size, &type, database_.raw(), &id) == 0;
        if (is_read) return static_cast<std::uint64_t>(size);
        return library_error("read object " + blob);
    }

    Result<std::string> bytes_of(const std::string& blob) override {
        git_oid id;
        Blob found;
        bool is_read = git_oid_fromstr(&id, blob.c_str()) == 0 &&
                       git_blob_lookup(found.out(), repository_.raw(), &id) == 0;
        if (!is_read) return library_error("read object " + blob);
        auto size = static_cast<std::size_t>(git_blob_rawsize(found.raw()));
        return std::string(static_cast<const char*>(git_blob_rawcontent(found.raw())), size);
    }

private:
    Result<Object> tree_of(const std::string& commit) {
        git_oid id;
        Object found, tree;
        bool is_read =
            git_oid_fromstr(&id, commit.c_str()) == 0 &&
            git_object_lookup(found.out(), repository_.raw(), &id, GIT_OBJECT_ANY) == 0 &&
            git_object_peel(tree.out(), found.raw(), GIT_OBJECT_TREE) == 0;
        if (!is_read) return library_error("read commit " + commit);
        return tree;
    }

    Library library_;
    Database database_;
    Repository repository_;
};

}  // namespace

Result<std::unique_ptr<Objects>> objects_by_library(const Place& place) {
    auto objects = std::make_unique<LibraryObjects>();
    if (Result<void> opened = objects->open(place); !opened) return opened.error();
    return std::unique_ptr<Objects>(std::move(objects));
}

}  // namespace thole::git
