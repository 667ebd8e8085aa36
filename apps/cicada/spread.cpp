#include "spread.hpp"

namespace cicada::app {

std::vector<planned_schedule> spread(const schedule_file& file) {
    std::vector<planned_schedule> all = file.schedules;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].when.is_calendar()) {
            const interval& every = all[i].when.as_interval();
            all[i].jitter = every.period();
        } else if (file.patterns[i] && file.patterns[i]->written_in() == dialect::ocps) {
            all[i].when = file.patterns[i]->hashed(cron_field::minute, all[i].name);
        }
    }
    return all;
}

} // namespace cicada::app
