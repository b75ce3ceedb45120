/** Runs work within a transaction of a client of pg or mysql2, and rolls it back if the work fails. */
export async function runTransaction(client, work) {
  await client.query("start transaction");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
