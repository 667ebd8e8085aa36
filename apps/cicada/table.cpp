#include "table.hpp"

#include <algorithm>

#include "display.hpp"

namespace cicada::app {

namespace {

bool is_number(const std::string& cell) {
    return !cell.empty() && cell.find_first_not_of("0123456789,") == cell.npos;
}

} // namespace

std::string table::text() const {
    const std::size_t columns = rows_.front().size();
    std::vector<std::size_t> widths(columns);
    std::vector<bool> is_right(columns, rows_.size() > 1);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < columns; ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
            if (&row != &rows_.front() && !is_number(row[i])) is_right[i] = false;
        }
    }
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < columns; ++i) {
            const std::string cell = padded(row[i], widths[i]);
            const std::size_t blank = widths[i] - width_of(row[i]);
            if (i > 0) line += "  ";
            line += is_right[i] ? std::string(blank, ' ') + displayed(row[i]) : cell;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

} // namespace cicada::app
