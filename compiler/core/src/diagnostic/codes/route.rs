//! TC03xx: routes, gateways and time-outs.

super::codes! {
    ROUTE_TIMEOUT = "TC0301", Error, "a route that waits longer than its gateway can";
    RAISED_TIMEOUT = "TC0302", Warning, "a route that needs a raised quota";
    ROUTE_OUTLASTED = "TC0303", Warning, "a target that may run longer than its route waits";
    FLOW_OUTLASTED = "TC0304", Warning, "a function that may run longer than its flow waits";
    EXPRESS_TIMEOUT = "TC0305", Warning, "an Express flow of more than five minutes";
    DUPLICATE_ROUTE = "TC0306", Error, "two routes for the same requests";
    SIBLING_PARAMETERS = "TC0307", Error, "two names for one path parameter of a REST API";
    ROUTE_PATH = "TC0308", Error, "a path that API Gateway refuses";
    PREFLIGHT_ROUTE = "TC0309", Warning, "an OPTIONS route beside `cors`";
    AUTHORIZER_IS_TARGET = "TC0310", Warning, "a function that authorizes the calls of itself";
    SHARED_CORS = "TC0311", Warning, "`cors` on a shared HTTP API";
    PREFLIGHT_REFUSED = "TC0312", Warning, "an authorizer that meets preflight requests";
    UNSEEN_PARAMETER = "TC0313", Warning, "a path parameter that does not reach the target";
    WIDENED_CORS = "TC0314", Warning, "an origin that may call more routes than allow it";
}
