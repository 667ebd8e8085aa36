#include "heat_strip.hpp"

#include <algorithm>
#include <cstdio>

namespace cicada::app {

namespace {

constexpr std::size_t levels = 9; // the first: nothing

constexpr const char* blocks[levels] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr const char* ascii[levels] = {" ", ".", ":", "-", "=", "+", "*", "#", "@"};
// of the 256 colours, from dark blue to red
constexpr int colours[levels] = {0, 24, 30, 36, 71, 148, 214, 202, 196};

std::size_t level(std::uint32_t value, std::uint32_t most) {
    const std::size_t top = std::max<std::size_t>(most, levels - 1); // a step is at least one run
    return (value * (levels - 1) + top - 1) / top;
}

} // namespace

std::string heat_strip(std::span<const std::uint32_t> values, std::size_t cells, std::uint32_t most,
                       const terminal& shown_on) {
    const std::size_t share = values.size() / cells;
    std::string strip;
    std::size_t last = 0;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const auto in_cell = values.subspan(cell * share, share);
        const std::size_t now = level(*std::max_element(in_cell.begin(), in_cell.end()), most);
        if (shown_on.has_colours && now != last) {
            strip.append("\033[38;5;").append(std::to_string(colours[now])).append("m");
            last = now;
        }
        strip += shown_on.is_utf8 ? blocks[now] : ascii[now];
    }
    return last > 0 ? strip + "\033[0m" : strip;
}

std::string axis_of_a_day(std::size_t cells) {
    std::string axis(cells, ' ');
    for (std::size_t hour = 0; hour < 24; hour += 3) {
        char text[8];
        std::snprintf(text, sizeof text, "%02u", static_cast<unsigned>(hour));
        axis.replace(hour * cells / 24, 2, text);
    }
    return axis.substr(0, axis.find_last_not_of(' ') + 1);
}

} // namespace cicada::app
