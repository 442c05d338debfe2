#pragma once

#include <onboard/administration.hpp>

#include "server/commands/command.hpp"
#include "server/commands/terminal.hpp"

namespace onboard::server {

// Does one administrative command and returns the exit code: 0 done, 1 refused, with the reason in one line. A bearer
// token is printed alone on the last line of what is printed, and nowhere else again. Telephone numbers are read as they
// are dialled in the region.
int administer(Administration&, Administrative const&, Region, Terminal const&);

// The same for a single command, each in the file of what it is about.
int perform(Administration&, PartnerAdd const&, Terminal const&);
int perform(Administration&, PartnerRotate const&, Terminal const&);
int perform(Administration&, PartnerRevoke const&, Terminal const&);
int perform(Administration&, PartnerList const&, Terminal const&);
int perform(Administration&, PlanAdd const&, Terminal const&);
int perform(Administration&, PlanClose const&, Terminal const&);
int perform(Administration&, PlanList const&, Terminal const&);
int perform(Administration&, ChannelAdd const&, Terminal const&);
int perform(Administration&, ChannelList const&, Terminal const&);
int perform(Administration&, IssuerAdd const&, Terminal const&);
int perform(Administration&, IssuerRemove const&, Terminal const&);
int perform(Administration&, IssuerList const&, Terminal const&);
int perform(Administration&, UserShow const&, Region, Terminal const&);
int perform(Administration&, UserBlock const&, Region, Terminal const&);
int perform(Administration&, UserUnblock const&, Region, Terminal const&);
int perform(Administration&, UserDelete const&, Region, Terminal const&);
int perform(Administration&, UserErase const&, Region, Terminal const&);
int perform(Administration&, UserExport const&, Region, Terminal const&);
int perform(Administration&, OutboxList const&, Terminal const&);
int perform(Administration&, OutboxRetry const&, Terminal const&);
int perform(Administration&, AuditVerify const&, Terminal const&);
int perform(Administration&, AuditList const&, Terminal const&);

}
