#include <model/cluster/zone_editions.hpp>

#include <fstream>

#include <support/temporary_folder.hpp>
#include <support/tzif_bytes.hpp>

namespace cluster_model {

namespace {

struct edition {
    const char* version;
    const char* berlin;
    const char* new_york;
    const char* sao_paulo;
    const char* lord_howe;
};

/// DST that begins otherwise than it does; that there is none any more; that there is no other.
constexpr edition all[] = {
    {"1999a", "CET-1CEST,M4.1.0,M10.5.0/3", "EST5EDT,M4.1.0,M10.5.0",
     "<-03>3<-02>,M10.3.0/0,M2.3.0/0", "<+1030>-10:30"},
    {"2199a", "CET-1", "EST5", "<-02>2", "<+11>-11<+1130>-11:30,M10.1.0,M4.1.0"},
    {"2199b", "CEST-2", "EDT4", "<-03>3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"},
};

void write(const std::filesystem::path& to, const std::string& bytes) {
    std::filesystem::create_directories(to.parent_path());
    std::ofstream(to, std::ios::binary) << bytes;
}

void write_zone(const std::filesystem::path& to, const char* posix) {
    support::tzif_bytes file;
    file.footer = posix;
    write(to, file.bytes());
}

struct written {
    support::temporary_folder folder;
    std::vector<std::filesystem::path> directories;

    written() {
        for (const edition& one : all) {
            const std::filesystem::path in = folder / one.version;
            write(in / "tzdata.zi", "# version " + std::string(one.version) + '\n');
            write_zone(in / "Europe/Berlin", one.berlin);
            write_zone(in / "America/New_York", one.new_york);
            write_zone(in / "America/Sao_Paulo", one.sao_paulo);
            write_zone(in / "Australia/Lord_Howe", one.lord_howe);
            directories.push_back(in);
        }
    }
};

} // namespace

const std::vector<std::filesystem::path>& zone_editions() {
    static const written once;
    return once.directories;
}

} // namespace cluster_model
