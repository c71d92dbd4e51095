// Looks at the webhook's receiver.
'use strict';
const { fail, reply } = require('../../remote/scripts/reply');
const { receiverFacts } = require('./receiver_facts');

receiverFacts().then(reply, fail);
