/** As the API has times: in whole seconds. */
export const now = () => new Date().toISOString().replace(/\.\d+/, '');
