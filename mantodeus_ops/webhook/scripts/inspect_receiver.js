// Looks at the webhook's receiver.
'use strict';
const { receiverFacts } = require('./receiver_facts');

module.exports = { main: receiverFacts };
