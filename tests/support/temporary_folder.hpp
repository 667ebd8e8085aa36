#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace support {

/// A folder of the test's own, which goes with all that is in it.
class temporary_folder {
public:
    temporary_folder() {
        std::string path = std::filesystem::temp_directory_path() / "cicada-XXXXXX";
        if (!::mkdtemp(path.data())) throw std::runtime_error("no temporary folder");
        path_ = path;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const noexcept { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

} // namespace support
