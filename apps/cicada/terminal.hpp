#pragma once

/// What standard output, or standard error, is: a terminal or not, and what may be sent there.

#include <string_view>

namespace cicada::app {

struct terminal {
    bool has_colours = false; // never under NO_COLOR
    bool is_utf8 = false;
    int columns = 80;

    static terminal standard_output();
    static terminal standard_error();
};

/// Standard output. The first write that fails ends the command.
class output {
public:
    struct failed {
        int error; // of errno
    };

    void write(std::string_view text);
    /// What has been written is out. Throws failed, as write does.
    void flush();
};

} // namespace cicada::app
