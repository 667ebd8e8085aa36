#include <store/sqlite/files.hpp>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <store/sqlite/reserve.hpp>
#include <support/temporary_folder.hpp>
#include <sys/stat.h>

using namespace cicada;
using namespace cicada::detail;
using testing::HasSubstr;

namespace {

std::string refusal(const std::string& path, store_fault fault) {
    try {
        real_path(path);
    } catch (const store_error& e) {
        EXPECT_EQ(e.fault(), fault) << e.what();
        return e.what();
    }
    return "";
}

} // namespace

TEST(store_files, all_names_of_a_file_have_one_real_path) {
    const support::temporary_folder folder;
    std::ofstream(folder / "a.db") << "x";
    std::filesystem::create_symlink(folder / "a.db", folder / "b.db");
    std::filesystem::create_directory_symlink(folder.path(), folder / "here");
    EXPECT_EQ(real_path(folder / "b.db"), real_path(folder / "a.db"));
    EXPECT_EQ(real_path(folder / "here/./a.db"), real_path(folder / "a.db"));
    EXPECT_EQ(real_path(folder / "here/new.db"), real_path(folder / "new.db"));
}

TEST(store_files, says_what_a_path_names_that_is_no_file) {
    const support::temporary_folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(refusal(folder.path(), store_fault::not_a_store), HasSubstr("is a folder: name a"));
    EXPECT_THAT(refusal(folder / "pipe", store_fault::not_a_store), HasSubstr("is no plain file"));
    EXPECT_THAT(refusal(folder / "none/a.db", store_fault::unreachable),
                HasSubstr("(No such file or directory): make its folder first"));
    EXPECT_THAT(refusal("/dev/null", store_fault::not_a_store), HasSubstr("is no plain file"));
}

TEST(store_files, of_this_machine_are_on_no_remote_file_system) {
    const support::temporary_folder folder;
    EXPECT_EQ(remote_file_system(folder / "a.db"), "");
    EXPECT_THROW(remote_file_system(folder / "none/a.db"), store_error);
}

TEST(store_files, reserve_has_real_blocks_gives_them_back_and_is_made_again) {
    const support::temporary_folder folder;
    reserve room(folder / "a.db");
    std::ofstream(folder / "a.db") << "x";
    EXPECT_FALSE(room.is_given_back());
    room.give_back();
    EXPECT_TRUE(room.is_given_back()) << "there was none, but the disk is full all the same";
    room.make();
    EXPECT_FALSE(room.is_given_back());
    room.make();
    struct stat facts{};
    ASSERT_EQ(::stat((folder / "a.db.reserve").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_size, reserve::size);
    EXPECT_GE(facts.st_blocks * 512, reserve::size);
    room.give_back();
    EXPECT_TRUE(room.is_given_back());
    EXPECT_NE(::stat((folder / "a.db.reserve").c_str(), &facts), 0);
    room.make();
    EXPECT_FALSE(room.is_given_back());
}
