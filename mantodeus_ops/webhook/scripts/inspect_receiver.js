// Answers the facts about the webhook receiver.
'use strict';
const { receiverFacts } = require('./receiver_facts');

module.exports = { main: receiverFacts };
